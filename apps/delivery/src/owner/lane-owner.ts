import { HookChanged } from '@hooklane/contracts/topics';
import type { RecordBatch } from '@hooklane/event-log';
import type { Clock, IdSource, RandomSource } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';
import type { Classified, SendFailureCode, SendResult } from '../attempt/classify.js';
import { classify, headerOf } from '../attempt/classify.js';
import { decideAttempt, type AttemptDecision, type DisableRules } from '../attempt/decide-attempt.js';
import { isHealthy } from '../attempt/lane-health.js';
import { retryAfterMs } from '../attempt/retry-schedule.js';
import type { DeliveryMetrics } from '../delivery.metrics.js';
import { DueQueue } from '../lanes/due-queue.js';
import { createLane, type Delivery, type Lane } from '../lanes/lane.js';
import { LaneMachine, type LaneEffects, type LaneView } from '../lanes/lane-machine.js';
import { ABORT_LIMIT_MS, leaseAgeMs, START_LIMIT_MS, type Renewal } from '../lanes/lease.js';
import { FairScheduler, type LaneStanding, type SlotLimits } from '../lanes/scheduler.js';
import type { HookTable, HttpSender, LaneRowStore, LeaseStore, OutcomeLog, ParkedRow, ParkingStore, SendTimings } from '../ports.js';
import { AttemptInFlight, type AttemptOwner } from './attempt-in-flight.js';
import type { HookProfiles } from './hook-profile.js';
import { LaneRowWriter } from './lane-row-writer.js';
import { attemptResultOf, encodeOutcome, outcomeOf } from './outcome-record.js';
import { OutcomePublisher, type PublishedOutcomes } from './outcome-publisher.js';
import type { OwnedPartition, PendingOutcome } from './owned-partition.js';
import { ParkingWriter, type ParkingTarget } from './parking-writer.js';
import type { Unpublished } from './partition-taker.js';
import type { PostgresTime } from './postgres-time.js';
import { requestedEventFrom, requestedEventOf, type ReadRequest } from './requested-event.js';

export interface LaneOwnerParts {
  readonly log: OutcomeLog;
  readonly hooks: HookTable;
  readonly leases: LeaseStore;
  readonly laneRows: LaneRowStore;
  readonly parking: ParkingStore;
  readonly sender: HttpSender;
  readonly profiles: HookProfiles;
  readonly clock: Clock;
  readonly time: PostgresTime;
  readonly ids: IdSource;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly metrics: DeliveryMetrics;
  readonly instanceId: string;
  readonly slots: SlotLimits;
  readonly maxParkedPerHook: number;
  readonly memoryBytes: number;
  /** The partition must be taken over anew. */
  lost(owned: OwnedPartition): void;
}

const OUTCOME_AGE_LIMIT_MS = 1_000;
/** Skipping is fast: without a cap a disabled hook's backlog would fill memory with outcomes before the first is acked. */
const UNACKED_LIMIT = 10_000;
const SLOW_MS = 1_000;
const PAGE_RECORDS = 256;
const PAGE_BYTES = 1024 * 1024;
const IDLE_LANE_MS = 60_000;

/** Runs the lanes of the partitions this process owns: everything the lane machine asks for happens here. */
export class LaneOwner implements LaneView, LaneEffects, AttemptOwner, PublishedOutcomes, ParkingTarget {
  readonly machine = new LaneMachine(this, this);
  readonly partitions = new Map<number, OwnedPartition>();
  readonly outcomes: OutcomePublisher;
  readonly rows: LaneRowWriter;
  readonly parkingWriter: ParkingWriter;
  isStopping = false;
  private readonly scheduler: FairScheduler<Lane>;
  private readonly due = new DueQueue<Lane>();
  private readonly inFlight = new Set<AttemptInFlight>();
  private readonly stalled = new Set<Lane>();
  private readonly homes = new WeakMap<Lane, OwnedPartition>();
  private grantedStanding: LaneStanding = 'proven';

  constructor(private readonly parts: LaneOwnerParts) {
    this.scheduler = new FairScheduler(parts.slots);
    this.outcomes = new OutcomePublisher(parts.log, this);
    this.rows = new LaneRowWriter(parts.laneRows, parts.instanceId, this);
    this.parkingWriter = new ParkingWriter(parts.parking, parts.instanceId, this);
  }

  // ---- partitions ----

  adopt(owned: OwnedPartition): void {
    this.partitions.set(owned.partition, owned);
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
    for (const attempt of this.inFlight) if (attempt.owned === owned) attempt.handle?.interrupt();
  }

  /** After a take-over: outcomes that were recorded but perhaps not published, then every lane that has something to do. */
  resume(owned: OwnedPartition, unpublished: readonly Unpublished[]): void {
    for (const { lane, bytes, delivery, isFinal } of unpublished) this.publish(owned, lane, delivery, bytes, isFinal, 'republished');
    for (const lane of [...owned.lanes.values()]) this.machine.advance(lane);
  }

  // ---- what the log brings ----

  /** @returns records that can never be delivered, with the reason */
  take(owned: OwnedPartition, batch: Pick<RecordBatch, 'records'>): { record: RecordBatch['records'][number]; reason: string }[] {
    const unreadable: { record: RecordBatch['records'][number]; reason: string }[] = [];
    for (const record of batch.records) {
      if (record.offset < owned.readUpTo) continue;
      const read = requestedEventFrom(record);
      if (read.kind === 'unreadable') {
        unreadable.push({ record, reason: read.reason });
        owned.progress.add({ offset: record.offset, pending: 0, mark: null, outcomesFrom: owned.outcomesFromOf(record.offset) });
        owned.readUpTo = record.offset + 1;
      } else {
        this.enqueue(owned, read);
      }
    }
    if (owned.gated.size > 0) this.openGates(owned);
    return unreadable;
  }

  /** Resolves when lanes and parking hold less than their share of memory. */
  async roomInMemory(): Promise<void> {
    while (this.machine.liveBytes + this.parkingWriter.pendingBytes > this.parts.memoryBytes && !this.isStopping) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get isMemoryFull(): boolean {
    return this.machine.liveBytes + this.parkingWriter.pendingBytes > this.parts.memoryBytes;
  }

  hookChanged(hook: HookChanged): void {
    for (const owned of this.partitions.values()) {
      const lane = owned.lanes.get(hook.hookId);
      if (lane) this.machine.advance(lane);
    }
  }

  private enqueue(owned: OwnedPartition, { request, event }: ReadRequest): void {
    const { offset } = event;
    const fresh = owned.fold.accept(request);
    const last = fresh.at(-1);
    const wanted = offset < owned.inheritedBelow ? fresh.filter(({ hookId }) => !owned.history.isSettled(offset, hookId) && !owned.parkedAbove.has(`${offset}/${hookId}`)) : fresh;
    const again = offset < owned.inheritedBelow && owned.republishing.size > 0 ? fresh.flatMap(({ hookId }) => owned.republishing.get(`${offset}/${hookId}`) ?? []) : [];
    const record = {
      offset,
      pending: wanted.length + again.length,
      mark: last ? { stream: request.sourceStream, position: request.sourcePosition, hookId: last.hookId } : null,
      outcomesFrom: owned.outcomesFromOf(offset),
    };
    owned.progress.add(record);
    for (const delivery of again) delivery.record = record;
    owned.readUpTo = offset + 1;
    const arrivedAtMs = this.monotonicMs();
    for (const { hookId, version } of wanted) {
      const delivery: Delivery = { request: event, hookVersion: version, arrivedAtMs, record, row: 'none', spilling: false };
      this.machine.requested(this.laneOf(owned, event.tenantId, hookId, offset), delivery);
    }
  }

  private laneOf(owned: OwnedPartition, tenantId: string, hookId: string, offset: number): Lane {
    const known = owned.lanes.get(hookId);
    if (known) return known;
    const lane = createLane(owned.partition, tenantId, hookId, this.hook(hookId)?.enabledEpoch ?? 0, this.monotonicMs());
    lane.isSuspect = offset < owned.suspectBelow;
    owned.lanes.set(hookId, lane);
    this.homes.set(lane, owned);
    return lane;
  }

  private openGates(owned: OwnedPartition): void {
    for (const lane of owned.gated) {
      if (lane.readGate >= owned.readUpTo) continue;
      owned.gated.delete(lane);
      this.machine.advance(lane);
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

  obstacle(lane: Lane): '' | 'lease' | 'outcomes' | 'shutdown' {
    const owned = this.homeOf(lane);
    const obstacle = this.obstacleOf(owned);
    if (obstacle !== '') this.stalled.add(lane);
    return obstacle;
  }

  readUpTo(lane: Lane): number {
    return this.homeOf(lane).readUpTo;
  }

  maxParked(lane: Lane): number {
    return this.parts.hooks.tenant(lane.tenantId)?.maxParkedPerHook || this.parts.maxParkedPerHook;
  }

  isMemoryShort(): boolean {
    return this.machine.liveBytes > this.parts.memoryBytes / 2;
  }

  private obstacleOf(owned: OwnedPartition): '' | 'lease' | 'outcomes' | 'shutdown' {
    if (this.isStopping || owned.isDraining) return 'shutdown';
    if (!this.mayStart(owned)) return 'lease';
    const oldest = owned.unacked.first();
    if (oldest && (owned.unacked.length > UNACKED_LIMIT || this.monotonicMs() - oldest.appendedAtMs > OUTCOME_AGE_LIMIT_MS)) return 'outcomes';
    return '';
  }

  private homeOf(lane: Lane): OwnedPartition {
    return this.homes.get(lane) as OwnedPartition;
  }

  // ---- LaneEffects ----

  requestSlot(lane: Lane): void {
    const { standing } = lane;
    if (!this.scheduler.acquire(lane)) return;
    this.grantedStanding = standing;
    this.machine.begin(lane);
  }

  releaseSlot(_lane: Lane): void {
    this.scheduler.release(this.grantedStanding);
    setImmediate(() => this.grant());
  }

  send(lane: Lane, delivery: Delivery, number: number): void {
    const owned = this.homeOf(lane);
    const { clock, profiles, hooks, sender } = this.parts;
    const hook = this.hook(lane.hookId) as HookChanged;
    const profile = profiles.of(hook);
    const standing = this.grantedStanding;
    const wallMs = clock.nowMs();
    const { target } = profile;
    const rendered = target?.renderer.render({ event: delivery.request.event, attemptNumber: number, timestampMs: wallMs });
    if (!target || !rendered?.ok) {
      const { code, sentence } = profile.problem ?? { code: 'invalid-request' as SendFailureCode, sentence: rendered?.ok === false ? rendered.reason : '' };
      // Not from within the machine's own call.
      setImmediate(() => {
        this.scheduler.release(standing);
        if (!owned.isLost) this.finish(owned, lane, delivery, { number, profile, rendered: null, startedAtMs: wallMs, startedPostgresMs: this.nowMs() }, { kind: 'failure', code, detail: sentence }, NO_TIME);
        this.grant();
      });
      return;
    }
    const policy = profiles.policyOf(hooks.tenant(lane.tenantId));
    const attempt = new AttemptInFlight(this, owned, lane, delivery, number, profile, target, rendered, policy, wallMs, clock.monotonicMs(), this.nowMs(), standing);
    this.inFlight.add(attempt);
    attempt.handle = sender.send(attempt);
  }

  conclude(lane: Lane, delivery: Delivery, fate: 'skipped' | 'discarded', reason: string): void {
    const owned = this.homeOf(lane);
    const outcome = outcomeOf(owned, lane, delivery, this.hook(lane.hookId)?.version ?? delivery.hookVersion, this.parts.clock.nowMs());
    outcome.fate = fate;
    outcome.fateReason = reason;
    this.parts.metrics.concluded(fate);
    this.publish(owned, lane, delivery, encodeOutcome(outcome), true, 'continue');
  }

  repeatVerdict(lane: Lane, delivery: Delivery): void {
    const { held, streak, enabledEpoch } = lane.health;
    if (!held || held.reason === 'exhausted') return;
    const owned = this.homeOf(lane);
    const outcome = outcomeOf(owned, lane, delivery, held.hookVersion, this.parts.clock.nowMs());
    outcome.verdict = { enabledEpoch, policyVersion: held.policyVersion, count: streak, reason: held.reason };
    this.publish(owned, lane, delivery, encodeOutcome(outcome), false, 'continue');
  }

  announce(lane: Lane): void {
    this.writeRow(lane, null, () => this.machine.announced(lane));
  }

  saveRow(lane: Lane): void {
    this.writeRow(lane, null, null);
  }

  park(lane: Lane, deliveries: readonly Delivery[]): void {
    this.parkingWriter.park(this.homeOf(lane), lane, deliveries);
  }

  load(lane: Lane, token: number, commits: number): void {
    const owned = this.homeOf(lane);
    const after = lane.drainedTo;
    this.parts.parking.page({ partition: owned.partition, hookId: lane.hookId, after, records: PAGE_RECORDS, bytes: PAGE_BYTES }).then(
      (rows) => this.pageRead(owned, lane, rows, after, token, commits),
      (error: unknown) => {
        this.failed('a page of parked deliveries', error);
        lane.isLoading = false;
        this.wake(lane, this.nowMs() + 500);
      },
    );
  }

  wake(lane: Lane, atMs: number): void {
    this.due.add(atMs, lane);
  }

  // ---- attempts ----

  mayStart(owned: OwnedPartition): boolean {
    return !owned.isLost && leaseAgeMs(owned.renewed, this.now()) < START_LIMIT_MS;
  }

  attempted(attempt: AttemptInFlight, result: SendResult, timings: SendTimings): void {
    const { owned, lane, delivery } = attempt;
    this.inFlight.delete(attempt);
    this.scheduler.release(attempt.standing);
    if (!owned.isLost) {
      if (result.kind === 'not-started') this.machine.notStarted(lane);
      else this.finish(owned, lane, delivery, attempt, result, timings);
    }
    this.grant();
  }

  private finish(owned: OwnedPartition, lane: Lane, delivery: Delivery, attempt: FinishedAttempt, result: Exclude<SendResult, { kind: 'not-started' }>, timings: SendTimings): void {
    const { clock, metrics, ids } = this.parts;
    const { profile, number, rendered, startedAtMs } = attempt;
    const classified = classify(result, profile.dialect);
    const decision = this.decide(lane, delivery, attempt, classified, result);
    const wallMs = clock.nowMs();
    const isSuccess = classified.outcomeClass === 'success';
    metrics.attempt(classified.outcomeClass, timings.totalUs, isSuccess ? wallMs - delivery.request.event.acceptedAtMs : null);
    const isSlow = timings.totalUs >= SLOW_MS * 1_000;
    lane.standing = isSuccess && !isSlow ? 'proven' : classified.outcomeClass === 'interrupted' ? lane.standing : 'slow';
    if (isSuccess) lane.succeededAtMs = this.monotonicMs();
    lane.lastActiveMs = this.monotonicMs();

    const enabledEpoch = profile.hook.enabledEpoch;
    const outcome = outcomeOf(owned, lane, delivery, profile.hook.version, wallMs);
    outcome.enabledEpoch = enabledEpoch;
    outcome.attempt = attemptResultOf({ attemptId: ids.next('att'), number, startedAtMs, profile, rendered, classified, result, timings });
    if (number > 1 && outcome.trigger === 'event') outcome.trigger = 'retry';
    outcome.fate = decision.fate;
    outcome.fateReason = decision.fateReason;
    outcome.streak = decision.health.streak;
    outcome.nextAttemptAtMs = decision.nextAttemptAtMs;
    if (decision.verdict) outcome.verdict = { enabledEpoch, policyVersion: profile.hook.policyVersion, count: decision.verdict.count, reason: decision.verdict.reason };
    this.record(owned, lane, delivery, decision, encodeOutcome(outcome));
  }

  private record(owned: OwnedPartition, lane: Lane, delivery: Delivery, decision: AttemptDecision, bytes: Buffer): void {
    if (decision.fate === 'delivered' || decision.fate === 'discarded') {
      this.publish(owned, lane, delivery, bytes, true, 'continue');
      this.machine.settled(lane, decision);
      return;
    }
    this.machine.failed(lane, decision);
    if (decision.verdict) this.wake(lane, this.nowMs() + 60_000);
    // Charge-first: the failure is in Postgres before anybody can read of it.
    this.writeRow(lane, bytes, () => this.publish(owned, lane, delivery, bytes, decision.fate !== 'pending', 'recorded'));
  }

  private decide(lane: Lane, delivery: Delivery, attempt: FinishedAttempt, classified: Classified, result: SendResult): AttemptDecision {
    const { hook, retry, disable } = attempt.profile;
    const asked = result.kind === 'answer' ? retryAfterMs(headerOf(result.headers, 'retry-after'), this.parts.clock.nowMs()) : null;
    return decideAttempt(lane.health, {
      classified,
      offset: delivery.request.offset,
      number: attempt.number,
      startedAtMs: attempt.startedPostgresMs,
      nowMs: this.nowMs(),
      retryAfterMs: asked,
      jitter: this.parts.random.fraction(),
      enabledEpoch: hook.enabledEpoch,
      hookVersion: hook.version,
      policyVersion: hook.policyVersion,
      retry,
      disable,
    });
  }

  private grant(): void {
    for (let next = this.scheduler.next(); next; next = this.scheduler.next()) {
      const { lane, standing } = next;
      if (this.homeOf(lane).isLost || lane.phase !== 'queued') {
        this.scheduler.release(standing);
        continue;
      }
      this.grantedStanding = standing;
      this.machine.begin(lane);
    }
  }

  // ---- outcomes ----

  private publish(owned: OwnedPartition, lane: Lane, delivery: Delivery, bytes: Buffer, isFinal: boolean, then: PendingOutcome['then']): void {
    if (owned.isLost) return;
    this.outcomes.publish({ owned, lane, delivery, bytes, isFinal, then, appendedAtMs: this.monotonicMs(), isAcked: false });
  }

  acked({ owned, lane, delivery, isFinal, then }: PendingOutcome, offset: number): void {
    if (isFinal) this.settle(owned, lane, delivery, offset);
    if (then !== 'continue') {
      owned.republishing.delete(`${delivery.request.offset}/${lane.hookId}`);
      this.machine.recorded(lane, then === 'recorded' && isFinal);
      this.tidyRow(lane);
    } else if (lane.hasRow && isFinal) {
      this.tidyRow(lane);
    }
  }

  settled(): void {
    this.advanceStalled();
  }

  /** The row of a lane that is well again goes; one whose outcome is published need not keep it. A row that is being written already is newer than this. */
  private tidyRow(lane: Lane): void {
    if (lane.phase !== 'recording' && lane.phase !== 'announcing') this.saveRow(lane);
  }

  /** The delivery has its fate, and the log has it: the watermark may pass, the parked row may go. */
  private settle(owned: OwnedPartition, lane: Lane, delivery: Delivery, outcomeOffset: number): void {
    if (delivery.record) {
      owned.progress.settle(delivery.record);
      delivery.record = null;
    }
    if (delivery.row === 'none') return;
    const key = { partition: owned.partition, offset: delivery.request.offset, hookId: lane.hookId };
    const removal = { outcomeOffset, isDone: false };
    owned.removals.push(removal);
    this.parkingWriter.remove(owned, key, () => {
      removal.isDone = true;
      while (owned.removals.first()?.isDone) owned.removals.shift();
    });
  }

  // ---- Postgres ----

  parked(lane: Lane, deliveries: readonly Delivery[]): void {
    const owned = this.homeOf(lane);
    for (const delivery of deliveries) {
      if (!delivery.record) continue;
      owned.progress.settle(delivery.record);
      delivery.record = null;
    }
    this.machine.parked(lane, deliveries);
  }

  failed(what: string | OwnedPartition, error: unknown): void {
    if (typeof what === 'string') {
      this.parts.logger.warn(`${what} could not be reached in Postgres; trying again`, { error: messageOf(error) });
      return;
    }
    this.parts.logger.error('the log refused outcomes; taking the partition over anew', { partition: what.partition, error: messageOf(error) });
    this.lost(what);
  }

  lost(owned: OwnedPartition): void {
    if (owned.isLost) return;
    this.drop(owned);
    this.parts.metrics.leaseLost();
    this.parts.lost(owned);
  }

  private writeRow(lane: Lane, unpublished: Buffer | null, done: (() => void) | null): void {
    const owned = this.homeOf(lane);
    if (owned.isLost) return;
    const isGone = unpublished === null && done === null && isHealthy(lane.health);
    if (isGone) lane.hasRow = false;
    const state = isGone ? '' : JSON.stringify({ health: lane.health, ownerEpoch: owned.epoch, ownerSequence: owned.sequence });
    this.rows.write({ owned, lane, state, unpublished, done });
  }

  private pageRead(owned: OwnedPartition, lane: Lane, rows: readonly ParkedRow[], after: number, token: number, commits: number): void {
    if (owned.isLost) return;
    const page = rows.map((row) => deliveryFrom(row, this.monotonicMs()));
    this.machine.loaded(lane, page, rows.at(-1)?.offset ?? after, token, commits);
  }

  // ---- time ----

  now(): Renewal {
    const { clock } = this.parts;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
  }

  /** Ten times a second. */
  tick(): void {
    const nowMs = this.nowMs();
    for (let lane = this.due.take(nowMs); lane; lane = this.due.take(nowMs)) {
      if (!this.homeOf(lane).isLost) this.machine.advance(lane);
    }
    this.advanceStalled();
    const now = this.now();
    for (const attempt of this.inFlight) {
      if (attempt.standing !== 'slow' && now.monotonicMs - attempt.startedMonotonicMs > SLOW_MS) {
        this.scheduler.move(attempt.standing, 'slow');
        attempt.standing = 'slow';
      }
      if (leaseAgeMs(attempt.owned.renewed, now) > ABORT_LIMIT_MS) attempt.handle?.interrupt();
    }
    this.grant();
  }

  /** Once a second. */
  sweep(): void {
    const idleSinceMs = this.monotonicMs() - IDLE_LANE_MS;
    for (const owned of this.partitions.values()) {
      for (const lane of owned.lanes.values()) {
        if (lane.live.length > 0) this.machine.aged(lane);
        else if (isForgettable(lane) && lane.lastActiveMs < idleSinceMs) owned.lanes.delete(lane.hookId);
      }
    }
  }

  private advanceStalled(): void {
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

  get requestsInFlight(): number {
    return this.inFlight.size;
  }

  /** Undefined: the partition is not owned here; null: nothing waits for the hook. */
  laneOfHook(partition: number, hookId: string): Lane | null | undefined {
    const owned = this.partitions.get(partition);
    return owned && (owned.lanes.get(hookId) ?? null);
  }

  parkedDeliveries(): number {
    let count = 0;
    for (const owned of this.partitions.values()) for (const lane of owned.lanes.values()) count += lane.parkedCount;
    return count;
  }

  backlogAgeMs(): number {
    let oldestMs = Infinity;
    for (const owned of this.partitions.values()) for (const lane of owned.lanes.values()) oldestMs = Math.min(oldestMs, oldestAcceptedAtMs(lane));
    return oldestMs === Infinity ? 0 : Math.max(this.parts.clock.nowMs() - oldestMs, 0);
  }

  /** Nothing is on its way to a receiver, to Postgres or to the log. */
  isAtRest(owned: OwnedPartition): boolean {
    if (owned.unacked.length > 0) return false;
    for (const lane of owned.lanes.values()) if (lane.phase === 'sending' || lane.phase === 'recording' || lane.phase === 'announcing') return false;
    return true;
  }

  interruptAll(): void {
    for (const attempt of this.inFlight) attempt.handle?.interrupt();
  }

}

/** What is remembered of an attempt when it is over. */
type FinishedAttempt = Pick<AttemptInFlight, 'number' | 'profile' | 'startedAtMs' | 'startedPostgresMs'> & { readonly rendered: AttemptInFlight['rendered'] | null };

const NO_HOOK = HookChanged.decode(new Uint8Array(0));
const NO_TIME: SendTimings = { connectUs: 0, firstByteUs: 0, totalUs: 0 };

/** Infinity when nothing waits. */
export function oldestAcceptedAtMs(lane: Lane): number {
  const head = lane.live.first();
  if (head) return head.request.event.acceptedAtMs;
  return lane.parkedCount > 0 && lane.oldestParkedAtMs > 0 ? lane.oldestParkedAtMs : Infinity;
}

function isForgettable(lane: Lane): boolean {
  return lane.phase === 'idle' && !lane.hasRow && !lane.isLoading && !lane.spilled && lane.parkedCount === 0 && isHealthy(lane.health);
}

function deliveryFrom(row: ParkedRow, arrivedAtMs: number): Delivery {
  return { request: requestedEventOf(row), hookVersion: row.hookVersion, arrivedAtMs, record: null, row: 'stored', spilling: false };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
