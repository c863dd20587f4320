import type { HookChanged } from '@hooklane/contracts/topics';
import type { Clock, IdSource, RandomSource } from '@hooklane/kernel';
import type { Traces } from '@hooklane/telemetry';
import { classify, headerOf, type Classified, type SendFailureCode, type SendResult } from '../attempt/classify.js';
import { decideAttempt, type AttemptDecision } from '../attempt/decide-attempt.js';
import { retryAfterMs } from '../attempt/retry-schedule.js';
import type { DeliveryMetrics } from '../delivery.metrics.js';
import type { Delivery, Lane } from '../lanes/lane.js';
import type { LaneMachine } from '../lanes/lane-machine.js';
import { ABORT_LIMIT_MS, leaseAgeMs, START_LIMIT_MS, type Renewal } from '../lanes/lease.js';
import { BUSY_MARGIN_MS, laneAfter, type BusyElsewhere } from '../lanes/busy-elsewhere.js';
import { FairScheduler, type LaneStanding, type SlotLimits } from '../lanes/scheduler.js';
import type { HookTable, HttpSender, SendTimings } from '../ports.js';
import { AttemptInFlight, type AttemptOwner } from './attempt-in-flight.js';
import { attemptSpan, endedAttempt } from './attempt-span.js';
import type { HookProfiles } from './hook-profile.js';
import { attemptResultOf, encodeOutcome, outcomeOf } from './outcome-record.js';
import type { LanePaces } from './lane-paces.js';
import type { LaneRecords } from './lane-records.js';
import type { OwnedPartition } from './owned-partition.js';

export interface LaneAttemptsParts {
  readonly hooks: HookTable;
  readonly sender: HttpSender;
  readonly profiles: HookProfiles;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: RandomSource;
  readonly metrics: DeliveryMetrics;
  readonly slots: SlotLimits;
  /** Null: nobody collects them. */
  readonly traces: Traces | null;
}

/** What attempts need of the lanes' owner. */
export interface AttemptsHost {
  readonly machine: LaneMachine;
  homeOf(lane: Lane): OwnedPartition;
  hook(hookId: string): HookChanged | undefined;
  /** Postgres time. */
  nowMs(): number;
}

/** What is remembered of an attempt when it is over. */
type FinishedAttempt = Pick<AttemptInFlight, 'number' | 'profile' | 'startedAtMs' | 'startedMonotonicMs' | 'startedPostgresMs' | 'span'> & { readonly rendered: AttemptInFlight['rendered'] | null };

const SLOW_MS = 1_000;
/** Of a start's cost, beside that of any start: rendering and signing 64 KiB takes about as long as everything else of it. */
const BYTES_OF_A_START = 65_536;
const NO_TIME: SendTimings = { connectUs: 0, firstByteUs: 0, totalUs: 0 };

/** Slots, requests under way, and what becomes of their answers. */
export class LaneAttempts implements AttemptOwner {
  private readonly scheduler: FairScheduler<Lane>;
  private readonly inFlight = new Set<AttemptInFlight>();
  private grantedStanding: LaneStanding = 'proven';
  private isTurning = false;

  constructor(
    private readonly parts: LaneAttemptsParts,
    private readonly host: AttemptsHost,
    private readonly records: Pick<LaneRecords, 'publish' | 'publishHandedOver' | 'writeRow'>,
    private readonly paces: LanePaces,
  ) {
    this.scheduler = new FairScheduler(parts.slots, costOf);
  }

  slotsUsed(standing: LaneStanding): number {
    return this.scheduler.usedBy(standing);
  }

  get count(): number {
    return this.inFlight.size;
  }

  requestSlot(lane: Lane): void {
    const { standing } = lane;
    const isGranted = this.scheduler.acquire(lane);
    if (this.scheduler.isTurnOver) this.turnLater();
    if (!isGranted) return;
    this.grantedStanding = standing;
    this.host.machine.begin(lane);
  }

  releaseSlot(): void {
    this.scheduler.release(this.grantedStanding);
    setImmediate(() => this.grant());
  }

  send(lane: Lane, delivery: Delivery, number: number): void {
    const owned = this.host.homeOf(lane);
    const { clock, profiles, hooks, sender } = this.parts;
    const hook = this.host.hook(lane.hookId) as HookChanged;
    const profile = profiles.of(hook);
    const standing = this.grantedStanding;
    const wallMs = clock.nowMs();
    const monotonicMs = clock.monotonicMs();
    this.paces.started(lane, hook, number, monotonicMs);
    const { target } = profile;
    const { traces } = this.parts;
    const { event } = delivery.request;
    const span = traces === null ? null : attemptSpan(traces, lane, delivery, number, profile);
    const rendered = target?.renderer.render({ event: span === null ? event : { ...event, traceparent: span.traceparent }, attemptNumber: number, timestampMs: wallMs });
    if (!target || !rendered?.ok) {
      const { code, sentence } = profile.problem ?? { code: 'invalid-request' as SendFailureCode, sentence: rendered?.ok === false ? rendered.reason : '' };
      // Not from within the machine's own call.
      setImmediate(() => {
        this.scheduler.release(standing);
        if (!owned.isLost) this.finish(owned, lane, delivery, { number, profile, rendered: null, startedAtMs: wallMs, startedMonotonicMs: monotonicMs, startedPostgresMs: this.host.nowMs(), span }, { kind: 'failure', code, detail: sentence }, NO_TIME);
        this.grant();
      });
      return;
    }
    const policy = profiles.policyOf(hooks.tenant(lane.tenantId));
    const attempt = new AttemptInFlight(this, owned, lane, delivery, number, profile, target, rendered, policy, wallMs, monotonicMs, this.host.nowMs(), standing, span);
    this.inFlight.add(attempt);
    attempt.handle = sender.send(attempt);
  }

  mayStart(owned: OwnedPartition): boolean {
    return !owned.isLost && leaseAgeMs(owned.renewed, this.now()) < START_LIMIT_MS;
  }

  /** Right before the first byte: the process, or the connection, may have taken its time since the lane decided. Of a hook that was handed over as busy the request's own time counts. */
  mayBegin(attempt: AttemptInFlight): boolean {
    const { owned } = attempt;
    return owned.isReleased ? this.ageOf(attempt) < attempt.timeoutMs : this.isOurs(owned) && leaseAgeMs(owned.renewed, this.now()) < START_LIMIT_MS;
  }

  attempted(attempt: AttemptInFlight, result: SendResult, timings: SendTimings): void {
    const { owned, lane, delivery } = attempt;
    this.inFlight.delete(attempt);
    this.scheduler.release(attempt.standing);
    // Beyond its time its new owner has counted it as failed and gone on.
    const isTooLate = owned.isHandedOver && (result.kind === 'not-started' || this.ageOf(attempt) > attempt.timeoutMs + BUSY_MARGIN_MS);
    if (!this.isOurs(owned) || isTooLate) attempt.span?.end({}, 'lease-lost');
    else {
      if (result.kind === 'not-started') this.host.machine.notStarted(lane, delivery);
      else this.finish(owned, lane, delivery, attempt, result, timings);
    }
    this.grant();
  }

  private finish(owned: OwnedPartition, lane: Lane, delivery: Delivery, attempt: FinishedAttempt, result: Exclude<SendResult, { kind: 'not-started' }>, timings: SendTimings): void {
    if (!owned.isHandedOver && this.host.machine.defers(lane, () => this.finish(owned, lane, delivery, attempt, result, timings))) return;
    const { clock, metrics, ids } = this.parts;
    const { profile, number, rendered, startedAtMs } = attempt;
    const classified = classify(result, profile.options);
    const isSuccess = classified.outcomeClass === 'success';
    const wallMs = clock.nowMs();
    const asked = isSuccess || result.kind !== 'answer' ? null : retryAfterMs(headerOf(result.headers, 'retry-after'), headerOf(result.headers, 'date'), wallMs);
    if (isSuccess) this.paces.succeeded(lane, profile.hook);
    else if (result.kind === 'answer') this.paces.refused(lane, profile.hook, result.status, attempt.startedMonotonicMs, asked);
    const decision = this.decide(lane, delivery, attempt, classified, asked);
    if (attempt.span !== null) endedAttempt(attempt.span, classified, result, decision.fate);
    metrics.attempt(classified.outcomeClass, timings.totalUs, isSuccess ? wallMs - delivery.request.event.acceptedAtMs : null);
    const isSlow = timings.totalUs >= SLOW_MS * 1_000;
    lane.standing = isSuccess && !isSlow ? 'proven' : classified.outcomeClass === 'interrupted' ? lane.standing : 'slow';
    if (isSuccess) lane.succeededAtMs = this.parts.clock.monotonicMs();
    lane.lastActiveMs = this.parts.clock.monotonicMs();

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
    if (owned.isHandedOver) {
      this.records.publishHandedOver(owned, lane, delivery, bytes, laneAfter(lane, decision, delivery));
      return;
    }
    if (decision.fate === 'delivered' || decision.fate === 'discarded') {
      this.records.publish(owned, lane, delivery, bytes, true, 'continue');
      this.host.machine.settled(lane, decision, delivery);
      return;
    }
    this.host.machine.failed(lane, decision, delivery);
    // Charge-first: the failure is in Postgres before anybody can read of it.
    this.records.writeRow(lane, bytes, () => this.records.publish(owned, lane, delivery, bytes, decision.fate !== 'pending', 'recorded'));
  }

  private decide(lane: Lane, delivery: Delivery, attempt: FinishedAttempt, classified: Classified, asked: number | null): AttemptDecision {
    const { hook, retry, disable } = attempt.profile;
    return decideAttempt(this.host.machine.healthOf(lane, delivery), {
      classified,
      offset: delivery.request.offset,
      number: attempt.number,
      startedAtMs: attempt.startedPostgresMs,
      nowMs: this.host.nowMs(),
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
      if (this.host.homeOf(lane).isLost || !this.host.machine.wantsSlot(lane)) {
        this.scheduler.release(standing);
        continue;
      }
      this.grantedStanding = standing;
      this.host.machine.begin(lane);
    }
    if (this.scheduler.isTurnOver) this.turnLater();
  }

  /** Answers that have arrived come first, and everybody else's work: then as many requests may start again. */
  private turnLater(): void {
    if (this.isTurning) return;
    this.isTurning = true;
    setImmediate(() => {
      this.isTurning = false;
      this.scheduler.turned();
      this.grant();
    });
  }

  /** Requests that have become slow are counted as such; those whose lease is about to be another's are broken off. */
  tick(): void {
    const now = this.now();
    for (const attempt of this.inFlight) {
      if (attempt.standing !== 'slow' && now.monotonicMs - attempt.startedMonotonicMs > SLOW_MS) {
        this.scheduler.move(attempt.standing, 'slow');
        attempt.standing = 'slow';
      }
      if (!attempt.owned.isReleased && leaseAgeMs(attempt.owned.renewed, now) > ABORT_LIMIT_MS) attempt.handle?.interrupt();
    }
    this.grant();
  }

  /** @param owned all of them where it is not given */
  interrupt(owned?: OwnedPartition): void {
    for (const attempt of this.inFlight) if (!owned || attempt.owned === owned) attempt.handle?.interrupt();
  }

  /** What the next owner must know of requests in flight, by lane. */
  busyLanes(owned: OwnedPartition): Map<Lane, BusyElsewhere> {
    const busy = new Map<Lane, BusyElsewhere>();
    for (const { lane, owned: home, delivery, number, profile, startedPostgresMs, timeoutMs } of this.inFlight) {
      if (home !== owned) continue;
      const known = busy.get(lane);
      const head = lane.keyed?.headOf(delivery);
      const request = { offset: delivery.request.offset, number, enabledEpoch: profile.hook.enabledEpoch, ...(head ? { key: head.key } : {}) };
      const untilMs = Math.max(known?.untilMs ?? 0, startedPostgresMs + timeoutMs + BUSY_MARGIN_MS);
      busy.set(lane, { ownerEpoch: owned.epoch, untilMs, requests: [...(known?.requests ?? []), request] });
    }
    return busy;
  }

  private isOurs(owned: OwnedPartition): boolean {
    return !owned.isLost || owned.isHandedOver;
  }

  /** The larger of monotonic and wall time since the request was made, in milliseconds. */
  private ageOf({ startedMonotonicMs, startedAtMs }: AttemptInFlight): number {
    return leaseAgeMs({ monotonicMs: startedMonotonicMs, wallMs: startedAtMs }, this.now());
  }

  now(): Renewal {
    const { clock } = this.parts;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
  }
}

function costOf(lane: Lane): number {
  return 1 + (lane.live.first()?.request.encoded.length ?? 0) / BYTES_OF_A_START;
}
