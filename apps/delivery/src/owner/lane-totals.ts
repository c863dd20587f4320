import type { Lane } from '../lanes/lane.js';
import { lanePressure } from '../lanes/lane-pressure.js';
import type { OwnedPartition } from './owned-partition.js';

type Partitions = Iterable<OwnedPartition>;

function* lanesOf(partitions: Partitions): IterableIterator<Lane> {
  for (const { lanes } of partitions) yield* lanes.values();
}

/** Whether lanes wait for this process rather than for their receivers; see `lanePressure`. @param nowMs by the monotonic clock */
export function pressureOf(partitions: Partitions, busyShare: number, nowMs: number): number {
  let oldestMs = 0;
  let longest = 0;
  let isCatchingUp = false;
  for (const lane of lanesOf(partitions)) {
    const head = lane.live.first();
    if (!head || lane.standing !== 'proven' || lane.waitsFor !== '' || lane.pace !== null) continue;
    if (lane.spilled) isCatchingUp = true;
    else {
      oldestMs = Math.max(oldestMs, nowMs - head.arrivedAtMs);
      longest = Math.max(longest, lane.live.length);
    }
  }
  return lanePressure({ busyShare, oldestMs, longest, isCatchingUp, nowMs });
}

/** Lanes that a rate limit of their hook, or a receiver that asked for fewer requests, slows down. */
export function lanesPaced(partitions: Partitions, reason: 'rate-limit' | 'back-off'): number {
  let count = 0;
  for (const { pace } of lanesOf(partitions)) if (pace !== null && (pace.perSecond === Infinity) === (reason === 'rate-limit')) count += 1;
  return count;
}

/** Deliveries that wait in Postgres. */
export function parkedDeliveries(partitions: Partitions): number {
  let count = 0;
  for (const lane of lanesOf(partitions)) count += parkedOf(lane);
  return count;
}

/** The same by tenant; those without any are left out. */
export function parkedByTenant(partitions: Partitions): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const lane of lanesOf(partitions)) {
    const parked = parkedOf(lane);
    if (parked > 0) counts.set(lane.tenantId, (counts.get(lane.tenantId) ?? 0) + parked);
  }
  return counts;
}

/** Age of the oldest event that waits, in milliseconds; 0: none waits. @param nowMs by the wall clock */
export function backlogAgeMs(partitions: Partitions, nowMs: number): number {
  let oldestMs = Infinity;
  for (const lane of lanesOf(partitions)) oldestMs = Math.min(oldestMs, oldestAcceptedAtMs(lane));
  return oldestMs === Infinity ? 0 : Math.max(nowMs - oldestMs, 0);
}

function parkedOf({ parkedCount, waiting }: Lane): number {
  return parkedCount + (waiting?.count ?? 0);
}

/** Infinity when nothing waits. */
function oldestAcceptedAtMs(lane: Lane): number {
  const head = lane.live.first();
  if (head) return head.request.event.acceptedAtMs;
  return lane.parkedCount > 0 && lane.oldestParkedAtMs > 0 ? lane.oldestParkedAtMs : Infinity;
}
