import { HookChanged } from '@hooklane/contracts/topics';
import type { HandedBatch } from '@hooklane/event-log';
import type { DisableRules } from '../attempt/decide-attempt.js';
import { isHealthy } from '../attempt/lane-health.js';
import { DueQueue } from '../lanes/due-queue.js';
import type { Delivery, Lane } from '../lanes/lane.js';
import type { KeyHead } from '../lanes/keyed-line.js';
import { LaneMachine } from '../lanes/lane-machine.js';
import type { CatchUp } from '../lanes/lane-orders.js';
import { type LaneEffects, type LaneObstacle, type LaneView } from '../lanes/lane-world.js';
import type { Renewal } from '../lanes/lease.js';
import type { LaneRow } from '../ports.js';
import type { LaneStanding } from '../lanes/scheduler.js';
import { LaneAttempts, type AttemptsHost, type LaneAttemptsParts } from './lane-attempts.js';
import { LanePaces } from './lane-paces.js';
import { parkedByTenant } from './lane-totals.js';
import { LaneIntake, type IntakeHost, type UnreadableRecord } from './lane-intake.js';
import { LaneRecords, type LaneRecordsParts, type RecordsHost } from './lane-records.js';
import type { OwnedPartition } from './owned-partition.js';
import type { Unpublished } from './partition-taker.js';
import type { PostgresTime } from './postgres-time.js';
import { busyRowOf, RequestsElsewhere, type RequestsElsewhereHost } from './requests-elsewhere.js';

export interface LaneOwnerParts extends LaneAttemptsParts, LaneRecordsParts {
  readonly time: PostgresTime;
  readonly maxParkedPerHook: number;
  /** Over the partitions owned here. */
  readonly maxParkedPerTenant: number;
  readonly memoryBytes: number;
  /** The partition must be taken over anew. */
  lost(owned: OwnedPartition): void;
}

/** Of the memory, for what is on its way to Postgres: more of it makes no statement faster, and a hook that is down must not hold what others need. */
const PARKING_SHARE = 1 / 8;
const OUTCOME_AGE_LIMIT_MS = 1_000;
/** Skipping is fast: without a cap a disabled hook's backlog would fill memory with outcomes before the first is acked. */
const UNACKED_LIMIT = 10_000;
const IDLE_LANE_MS = 60_000;
const TICK_MS = 100;
const SOON_MS = 1_000;

/** Runs the lanes of the partitions this process owns: everything the lane machine asks for happens here. */
export class LaneOwner implements LaneView, LaneEffects, AttemptsHost, IntakeHost, RecordsHost, RequestsElsewhereHost {
  readonly machine = new LaneMachine(this, this);
  readonly partitions = new Map<number, OwnedPartition>();
  readonly records: LaneRecords;
  readonly elsewhere: RequestsElsewhere;
  isStopping = false;
  /** Told in how many milliseconds the next lane is due, where that is before the next tick: rate limits need finer time than retries. */
  alarm: (inMs: number) => void = () => undefined;
  private readonly due = new DueQueue<Lane>();
  /** What is due within a second, by the monotonic clock: corrections of Postgres' time must not move starts that are milliseconds apart. */
  private readonly soon = new DueQueue<Lane>();
  private readonly paces: LanePaces;
  private readonly attempts: LaneAttempts;
  private readonly intake = new LaneIntake(this);
  private readonly stalled = new Set<Lane>();
  /** As of the last sweep. */
  private parkedByTenant: ReadonlyMap<string, number> = new Map();
  private readonly homes = new WeakMap<Lane, OwnedPartition>();

  constructor(private readonly parts: LaneOwnerParts) {
    this.records = new LaneRecords(parts, this);
    this.elsewhere = new RequestsElsewhere(parts, this);
    this.paces = new LanePaces({ clock: parts.clock, nowMs: () => this.nowMs(), homeOf: (lane) => this.homeOf(lane) });
    this.attempts = new LaneAttempts(parts, this, this.records, this.paces);
  }

  // ---- partitions ----

  adopt(owned: OwnedPartition): void {
    this.partitions.set(owned.partition, owned);
    this.paces.taken(owned);
    for (const lane of owned.lanes.values()) this.homes.set(lane, owned);
  }

  /** Everything of the partition ends here; requests in flight are broken off and what comes of them is ignored. */
  drop(owned: OwnedPartition): void {
    if (owned.isLost) return;
    owned.isLost = true;
    if (this.partitions.get(owned.partition) === owned) this.partitions.delete(owned.partition);
    for (const lane of owned.lanes.values()) {
      this.stalled.delete(lane);
      this.machine.forget(lane);
    }
    if (!owned.isHandedOver) this.attempts.interrupt(owned);
  }

  /**
   * Nothing starts any more, and nothing of the partition is on its way to Postgres or to the log (`isWritten`): it is another's from now on, but for its requests
   * in flight, whose outcomes are still published. @returns the rows of their lanes, which are to be stored with the release
   */
  handOver(owned: OwnedPartition): LaneRow[] {
    const rows = [...this.attempts.busyLanes(owned)].map(([lane, busy]) => busyRowOf(owned, lane, busy));
    owned.isHandedOver = true;
    this.drop(owned);
    return rows;
  }

  /** After a take-over: outcomes that were recorded but perhaps not published, then every lane that has something to do. */
  resume(owned: OwnedPartition, unpublished: readonly Unpublished[]): void {
    for (const { lane, bytes, delivery, isFinal } of unpublished) this.records.publish(owned, lane, delivery, bytes, isFinal, 'republished');
    this.elsewhere.begin(owned);
    for (const lane of [...owned.lanes.values()]) {
      if (lane.headWrites !== null && lane.phase === 'idle') this.saveRow(lane);
      this.machine.advance(lane);
    }
  }

  // ---- what the log brings ----

  /** @returns records that can never be delivered, with the reason: until they are incidents nothing of the batch is taken */
  take(owned: OwnedPartition, batch: Pick<HandedBatch, 'records' | 'deadLettered'>): UnreadableRecord[] {
    return this.intake.take(owned, batch);
  }

  welcome(owned: OwnedPartition, lane: Lane): void {
    this.homes.set(lane, owned);
  }

  enabledEpochOf(hookId: string): number {
    return this.hook(hookId)?.enabledEpoch ?? 0;
  }

  /** Resolves when lanes and parking hold less than their share of memory. */
  async roomInMemory(): Promise<void> {
    while (this.isMemoryFull && !this.isStopping) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get isMemoryFull(): boolean {
    const { memoryBytes } = this.parts;
    return this.machine.liveBytes + this.records.pendingBytes > memoryBytes || this.records.pendingBytes > memoryBytes * PARKING_SHARE;
  }

  hookChanged(hook: HookChanged): void {
    for (const owned of this.partitions.values()) {
      const lane = owned.lanes.get(hook.hookId);
      if (lane) this.machine.advance(lane);
    }
  }

  // ---- LaneView ----

  nowMs(): number {
    return this.parts.time.nowMs();
  }

  monotonicMs(): number {
    return this.parts.clock.monotonicMs();
  }

  hook(hookId: string): HookChanged | undefined {
    const { hooks } = this.parts;
    const hook = hooks.hook(hookId);
    if (hook) return hook;
    // The table does not hand out deleted hooks, but it knows their version.
    const version = hooks.hookVersion(hookId);
    return version > 0 ? { ...NO_HOOK, hookId, version, deleted: true } : undefined;
  }

  disableRules(hook: HookChanged): DisableRules {
    return this.parts.profiles.of(hook).disable;
  }

  obstacle(lane: Lane): LaneObstacle {
    const owned = this.homeOf(lane);
    const obstacle = this.obstacleOf(owned);
    if (obstacle !== '') this.stalled.add(lane);
    return obstacle === '' && owned.busy.size > 0 && owned.busy.has(lane.hookId) ? 'busy-elsewhere' : obstacle;
  }

  startAtMs(lane: Lane, hook: HookChanged): number {
    return this.paces.startAtMs(lane, hook);
  }

  maxInFlight(lane: Lane, hook: HookChanged): number {
    return this.paces.maxInFlight(lane, hook);
  }

  readUpTo(lane: Lane): number {
    return this.homeOf(lane).readUpTo;
  }

  maxParked(lane: Lane): number {
    // What is parked already stays; a lane without any, which is a healthy one, goes on as before.
    if ((this.parkedByTenant.get(lane.tenantId) ?? 0) >= this.parts.maxParkedPerTenant) return 1;
    return this.parts.hooks.tenant(lane.tenantId)?.maxParkedPerHook || this.parts.maxParkedPerHook;
  }

  isMemoryShort(): boolean {
    return this.machine.liveBytes > this.parts.memoryBytes / 2;
  }

  private obstacleOf(owned: OwnedPartition): LaneObstacle {
    if (this.isStopping || owned.isDraining) return 'shutdown';
    if (!this.attempts.mayStart(owned)) return 'lease';
    const oldest = owned.unacked.first();
    if (oldest && (owned.unacked.length > UNACKED_LIMIT || this.monotonicMs() - oldest.appendedAtMs > OUTCOME_AGE_LIMIT_MS)) return 'outcomes';
    return '';
  }

  homeOf(lane: Lane): OwnedPartition {
    return this.homes.get(lane) as OwnedPartition;
  }

  // ---- LaneEffects ----

  requestSlot(lane: Lane): void {
    this.attempts.requestSlot(lane);
  }

  releaseSlot(): void {
    this.attempts.releaseSlot();
  }

  send(lane: Lane, delivery: Delivery, attemptNumber: number): void {
    this.attempts.send(lane, delivery, attemptNumber);
  }

  announce(lane: Lane): void {
    this.records.writeRow(lane, null, () => this.machine.announced(lane));
  }

  saveRow(lane: Lane): void {
    this.records.writeRow(lane, null, null);
  }

  park(lane: Lane, deliveries: readonly Delivery[]): void {
    this.records.park(lane, deliveries);
  }

  load(lane: Lane, token: number, commits: number): void {
    this.records.load(lane, token, commits);
  }

  loadKey(lane: Lane, head: KeyHead, after: number, upTo: number): void {
    this.records.loadKey(lane, head, after, upTo);
  }

  openCatchUp(lane: Lane, catchUp: CatchUp): void {
    this.records.openCatchUp(lane, catchUp);
  }

  conclude(lane: Lane, delivery: Delivery, fate: 'skipped' | 'discarded', reason: string): void {
    this.records.conclude(lane, delivery, fate, reason);
  }

  repeatVerdict(lane: Lane, delivery: Delivery): void {
    this.records.repeatVerdict(lane, delivery);
  }

  wake(lane: Lane, atMs: number): void {
    // What was due already is due now, not before.
    const inMs = Math.max(atMs - this.nowMs(), 0);
    if (inMs >= SOON_MS) return this.due.add(atMs, lane);
    this.soon.add(this.monotonicMs() + inMs, lane);
    if (inMs < TICK_MS) this.alarm(inMs);
  }

  lost(owned: OwnedPartition): void {
    if (owned.isLost) return;
    this.drop(owned);
    this.parts.metrics.leaseLost();
    this.parts.lost(owned);
  }

  // ---- time ----

  now(): Renewal {
    return this.attempts.now();
  }

  /** Ten times a second. */
  tick(): void {
    const nowMs = this.nowMs();
    for (let lane = this.due.take(nowMs); lane; lane = this.due.take(nowMs)) {
      if (!this.homeOf(lane).isLost) this.machine.advance(lane);
    }
    this.advanceSoon();
    this.advanceStalled();
    this.attempts.tick();
  }

  /** At the alarm, and at each tick. */
  advanceSoon(): void {
    const nowMs = this.monotonicMs();
    for (let lane = this.soon.take(nowMs); lane; lane = this.soon.take(nowMs)) {
      if (!this.homeOf(lane).isLost) this.machine.advance(lane);
    }
    const next = this.soon.first();
    if (next && next.atMs - nowMs < TICK_MS) this.alarm(next.atMs - nowMs);
  }

  /** Once a second. */
  sweep(): void {
    const idleSinceMs = this.monotonicMs() - IDLE_LANE_MS;
    for (const owned of this.partitions.values()) {
      for (const lane of owned.lanes.values()) {
        if (lane.live.length > 0 || lane.keyed !== null) this.machine.aged(lane);
        else if (lane.lastActiveMs < idleSinceMs) {
          if (!isForgettable(lane)) this.machine.rested(lane);
          else if (this.paces.isOver(lane, this.hook(lane.hookId))) owned.lanes.delete(lane.hookId);
        }
      }
    }
    this.parkedByTenant = parkedByTenant(this.partitions.values());
  }

  advanceStalled(): void {
    if (this.stalled.size === 0 || this.isStopping) return;
    const lanes = [...this.stalled];
    this.stalled.clear();
    for (const lane of lanes) {
      const owned = this.homeOf(lane);
      if (owned.isLost) continue;
      // Looked at once for all lanes of a partition would be enough, were there not lanes in each that only skip.
      if (this.obstacleOf(owned) !== '') this.stalled.add(lane);
      else this.machine.advance(lane);
    }
  }

  // ---- for people ----

  /** Slots that requests under way take, by the standing of their lanes. */
  slotsUsed(standing: LaneStanding): number {
    return this.attempts.slotsUsed(standing);
  }

  get requestsInFlight(): number {
    return this.attempts.count;
  }

  /** Undefined: the partition is not owned here; null: nothing waits for the hook. */
  laneOfHook(partition: number, hookId: string): Lane | null | undefined {
    const owned = this.partitions.get(partition);
    return owned && (owned.lanes.get(hookId) ?? null);
  }

  /** Nothing is on its way to Postgres or to the log, and what is on its way to receivers is known to `handOver`. */
  isWritten(owned: OwnedPartition): boolean {
    if (!this.records.isWritten(owned)) return false;
    const busy = this.attempts.busyLanes(owned);
    for (const lane of owned.lanes.values()) if (lane.phase === 'recording' || lane.phase === 'announcing' || sendingOf(lane) > (busy.get(lane)?.requests.length ?? 0)) return false;
    return true;
  }

  interruptAll(): void {
    this.attempts.interrupt();
  }
}

const NO_HOOK = HookChanged.decode(new Uint8Array(0));

function isForgettable(lane: Lane): boolean {
  return lane.phase === 'idle' && !lane.hasRow && !lane.isLoading && !lane.spilled && lane.parkedCount === 0 && lane.orders === null && lane.waiting === null && lane.leaving === 0 && lane.unackedFates === 0 && isHealthy(lane.health);
}

/** Requests under way, as the lane sees it. */
function sendingOf({ phase, keyed }: Lane): number {
  if (keyed === null) return phase === 'sending' ? 1 : 0;
  let count = 0;
  for (const head of keyed.heads.values()) if (head.phase === 'sending') count += 1;
  return count;
}
