import { DeliveryOutcome, Topics } from '@hooklane/contracts/topics';
import type { Clock } from '@hooklane/kernel';
import { answered, charged, dropSettled, LANE_AFTER_HEADER, leftWhere, type BusyElsewhere } from '../lanes/busy-elsewhere.js';
import { decideTake, type LeaseRow, type LeaseWatch, type Renewal } from '../lanes/lease.js';
import type { KeyedHealth } from '../lanes/keyed-line.js';
import { chargeAnnounced, OutcomeHistory, restoreHealth, restoreRest, type LaneRowState } from '../lanes/take-over.js';
import { createLane, type Delivery, type Lane } from '../lanes/lane.js';
import type { HeadRow, HookTable, LaneRow, LaneRowStore, LeaseStore, OutcomeLog, ParkedStats, ParkingStore, TakenLease } from '../ports.js';
import { OwnedPartition } from './owned-partition.js';
import type { PostgresTime } from './postgres-time.js';
import { placeholderOf } from './requested-event.js';

export interface TakerParts {
  readonly leases: LeaseStore;
  readonly laneRows: LaneRowStore;
  readonly parking: ParkingStore;
  readonly log: OutcomeLog;
  readonly hooks: HookTable;
  readonly clock: Clock;
  readonly time: PostgresTime;
  readonly instanceId: string;
}

export interface TakenPartition {
  readonly owned: OwnedPartition;
  /** Outcomes of failures that the last owner recorded and perhaps did not publish. */
  readonly unpublished: readonly Unpublished[];
}

export interface Unpublished {
  readonly lane: Lane;
  readonly bytes: Buffer;
  readonly delivery: Delivery;
  readonly isFinal: boolean;
}

const LOOK_AGAIN_MS = 200;
const REMOVE_AT_ONCE = 5_000;

/**
 * Takes the lease of a partition and learns from Postgres and from the outcomes where its last owner stood (design: "Progress row").
 * @param isWanted false once the partition was revoked: then it gives up
 */
export async function takePartition(parts: TakerParts, partition: number, isWanted: () => boolean): Promise<TakenPartition | null> {
  const lease = await takeLease(parts, partition, isWanted);
  if (!lease) return null;
  const { log, laneRows, parking, leases, instanceId, hooks } = parts;
  // The last owner's table may have been ahead of ours: an epoch of a hook that it had left is over. It starts nothing any more, so the end of the topic is enough.
  const [requests, outcomes] = await Promise.all([log.bounds(Topics.deliveriesRequested), log.bounds(Topics.deliveryOutcomes), hooks.caughtUp()]);
  const requestBounds = requests[partition] ?? { first: 0, next: 0 };
  const outcomeBounds = outcomes[partition] ?? { first: 0, next: 0 };
  const start = lease.taken.progress ?? { watermark: requestBounds.first, marks: new Map(), outcomesFrom: outcomeBounds.first };
  const history = await readHistory(log, partition, Math.max(start.outcomesFrom, outcomeBounds.first), outcomeBounds.next);
  let { epoch } = lease.taken;
  if (history.highestEpoch >= epoch) {
    // A failed-over database has forgotten epochs that the outcomes remember.
    const [row] = await leases.read([partition]);
    const again = row && row.owner === instanceId ? await leases.take(row, instanceId, history.highestEpoch + 1) : null;
    if (!again) return null;
    epoch = again.epoch;
  }
  const parked = await parking.stats(partition);
  // Their fate was published and the last owner did not come to remove them; later nobody would read those outcomes any more.
  const leftOver = history.settledAmong(partition, parked);
  for (let from = 0; from < leftOver.length; from += REMOVE_AT_ONCE) await parking.remove(leftOver.slice(from, from + REMOVE_AT_ONCE));
  const stats = leftOver.length > 0 ? await parking.stats(partition) : parked;
  const [rows, keys, heads] = await Promise.all([laneRows.read(partition), parking.keysFrom(partition, start.watermark), laneRows.heads(partition)]);
  const suspectBelow = lease.clean ? lease.taken.suspectBelow : requestBounds.next;
  const owned = new OwnedPartition(
    partition,
    epoch,
    start,
    lease.renewed,
    outcomeBounds.next,
    history,
    new Set(keys.map(({ offset, hookId }) => `${offset}/${hookId}`)),
    suspectBelow,
    requestBounds.next,
  );
  const unpublished = restoreLanes(parts, owned, rows, stats, suspectBelow === 0, heads);
  await restoreCatchUps(parking, owned, stats);
  return { owned, unpublished };
}

async function takeLease({ leases, clock, time, instanceId, log }: TakerParts, partition: number, isWanted: () => boolean): Promise<{ taken: TakenLease; renewed: Renewal; clean: boolean } | null> {
  let watch: LeaseWatch | null = null;
  while (isWanted()) {
    const [row] = (await leases.read([partition])) as [LeaseRow];
    const decision = decideTake(row, watch, instanceId, log.soleWriter === true, clock.monotonicMs());
    if (decision.kind === 'take') {
      const renewed = { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
      const taken = await leases.take(row, instanceId, 0);
      if (taken) {
        time.observe(taken.nowMs, renewed.monotonicMs);
        return { taken, renewed, clean: decision.clean };
      }
    } else {
      watch = decision.watch;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return null;
}

async function readHistory(log: OutcomeLog, partition: number, from: number, to: number): Promise<OutcomeHistory> {
  const history = new OutcomeHistory();
  if (from >= to) return history;
  for await (const records of log.read({ topic: Topics.deliveryOutcomes, partition, from, to })) {
    for (const { value, headers, offset } of records) {
      const outcome = DeliveryOutcome.decode(value);
      history.add(outcome);
      const after = headers[LANE_AFTER_HEADER];
      if (after !== undefined) history.addAnswer(outcome, offset, after);
    }
  }
  return history;
}

function restoreLanes({ hooks, clock, log }: TakerParts, owned: OwnedPartition, rows: readonly LaneRow[], stats: readonly ParkedStats[], isClean: boolean, heads: readonly HeadRow[]): TakenPartition['unpublished'] {
  const { history } = owned;
  const unpublished: Unpublished[] = [];
  const parked = new Map(stats.map((stat) => [stat.hookId, stat]));
  const rowsByHook = new Map(rows.map((row) => [row.hookId, row]));
  const tenants = new Map<string, string>();
  for (const { hookId, tenantId } of [...rows, ...stats, ...heads]) tenants.set(hookId, tenantId);
  for (const outcome of history.latest.values()) if (outcome.fate === 'pending' || outcome.streak > 0) tenants.set(outcome.hookId, outcome.tenantId);

  for (const [hookId, tenantId] of tenants) {
    const lane = createLane(owned.partition, tenantId, hookId, hooks.hook(hookId)?.enabledEpoch ?? 0, clock.monotonicMs());
    const stat = parked.get(hookId);
    if (stat) restoreParked(owned, lane, stat);
    const row = rowsByHook.get(hookId);
    if (row?.unpublished) {
      const outcome = DeliveryOutcome.decode(row.unpublished);
      if (!history.has(outcome)) {
        history.add(outcome);
        unpublished.push(restoreUnpublished(owned, lane, outcome, row.unpublished, stat));
      }
    }
    const isUnsettled = (offset: number): boolean => !history.isSettled(offset, hookId) && (offset >= owned.readUpTo || (stat !== undefined && offset >= stat.lowest));
    const state = row ? (JSON.parse(row.state) as LaneRowState) : null;
    if (state) restoreRest(lane, state);
    const busy = state?.busy && !hasGoneOn(owned, hookId, state.busy) ? state.busy : undefined;
    if (state?.busy) owned.busyRows.add(hookId);
    if (busy) owned.busy.set(hookId, leftWhere(busy, ({ offset }) => history.isSettled(offset, hookId) || isUnsettled(offset)) ?? { ...busy, requests: [] });
    // What a busy row says stands until the answers are looked at.
    const restored = busy ? (state as LaneRowState).health : restoreHealth(state, history.newest(hookId), isUnsettled, isClean, hooks.hook(hookId)?.disablePolicy?.count === 'total');
    const health = state && !isClean && !busy ? chargeAnnounced(restored, state, history.newest(hookId), isUnsettled) : restored;
    if (health) lane.health = health;
    lane.hasRow = row !== undefined;
    // Also where nothing is left of its failures: a success that only the outcomes know of may have been followed by a request.
    lane.suspectBelow = owned.suspectBelow;
    owned.lanes.set(hookId, lane);
  }
  restoreHeads(owned, heads);
  restoreBusy(owned, log.soleWriter === true);
  return unpublished;
}

/** An owner in between has gone on with the lane: the row says nothing new. */
function hasGoneOn({ history }: OwnedPartition, hookId: string, busy: BusyElsewhere): boolean {
  const { attempt } = history.newest(hookId);
  return attempt !== undefined && attempt.ownerEpoch > busy.ownerEpoch;
}

/**
 * What of the requests that the owner before had in flight is answered by now.
 * @param isAlone nobody else can be alive: what is not answered never will be
 */
function restoreBusy(owned: OwnedPartition, isAlone: boolean): void {
  for (const [hookId, busy] of owned.busy) {
    const lane = owned.lanes.get(hookId) as Lane;
    let left: BusyElsewhere | null = busy.requests.length > 0 ? busy : null;
    for (const answer of owned.history.answers.get(hookId) ?? []) left &&= answered(lane, left, answer);
    if (left && isAlone) charged(lane, left);
    dropSettled(lane, busy, (offset) => owned.history.isSettled(offset, hookId));
    if (left && !isAlone) owned.busy.set(hookId, left);
    else owned.busy.delete(hookId);
  }
}

/** Failed deliveries that wait, besides the head of a fifo lane. One that is settled is forgotten with the next row. */
function restoreHeads(owned: OwnedPartition, heads: readonly HeadRow[]): void {
  for (const { hookId, offset, state, isParked } of heads) {
    const lane = owned.lanes.get(hookId);
    if (!lane) continue;
    if (owned.history.isSettled(offset, hookId) || (offset < owned.readUpTo && !isParked)) (lane.headWrites ??= new Map()).set(offset, '');
    else (lane.remembered ??= new Map()).set(offset, JSON.parse(state) as KeyedHealth);
  }
}

/** What waits for the end of a catch-up is no part of the lane's line. */
async function restoreCatchUps(parking: ParkingStore, owned: OwnedPartition, stats: readonly ParkedStats[]): Promise<void> {
  for (const lane of owned.lanes.values()) {
    const { orders } = lane;
    if (!orders?.catchUp) continue;
    if (stats.some(({ hookId }) => hookId === lane.hookId)) {
      const { line, waiting } = await parking.catchUpStats(owned.partition, lane.hookId, orders.catchUp.border);
      Object.assign(lane, { spilled: false, parkedCount: 0, parkedMax: -1, readGate: -1, oldestParkedAtMs: 0, parkedExempt: 0 });
      if (line) restoreParked(owned, lane, line);
      // What is being published is on its way out.
      for (const [key, delivery] of owned.republishing) if (delivery.row === 'stored' && key.endsWith(`/${lane.hookId}`)) lane.parkedCount -= 1;
      if (waiting) lane.waiting = { count: waiting.count, lowest: waiting.lowest, highest: waiting.highest };
    }
    // Its end may have been read, or be over by the hook: until all before what waits was read again, nothing that waits may follow.
    lane.readGate = Math.max(lane.readGate, orders.upTo, lane.waiting?.highest ?? -1);
    if (lane.readGate >= owned.readUpTo) owned.gated.add(lane);
  }
}

function restoreUnpublished(owned: OwnedPartition, lane: Lane, outcome: DeliveryOutcome, bytes: Buffer, parked: ParkedStats | undefined): Unpublished {
  const isFinal = outcome.fate !== 'pending';
  const delivery: Delivery = { request: placeholderOf(outcome), hookVersion: 0, arrivedAtMs: 0, record: null, row: 'none', spilling: false, behind: null };
  lane.phase = 'recording';
  if (isFinal) {
    owned.republishing.set(`${outcome.requestOffset}/${lane.hookId}`, delivery);
    // It was the head, but lower ones may still be there: answered, and their outcomes lost with the last owner.
    if (parked && isParked(owned, parked, outcome.requestOffset)) {
      delivery.row = 'stored';
      lane.parkedCount -= 1;
      lane.leaving += 1;
    }
  }
  return { lane, bytes, delivery, isFinal };
}

/** Below the watermark only what is parked is unsettled; a row that is gone already was the lowest. */
function isParked(owned: OwnedPartition, { hookId, lowest }: ParkedStats, offset: number): boolean {
  return offset < owned.readUpTo ? offset >= lowest : owned.parkedAbove.has(`${offset}/${hookId}`);
}

function restoreParked(owned: OwnedPartition, lane: Lane, stat: ParkedStats): void {
  lane.spilled = true;
  lane.parkedCount = stat.count;
  lane.parkedMax = stat.highest;
  lane.readGate = stat.highest;
  lane.parkedExempt = stat.catchUps;
  lane.oldestParkedAtMs = stat.oldestAcceptedAtMs;
  if (stat.highest >= owned.readUpTo) owned.gated.add(lane);
}
