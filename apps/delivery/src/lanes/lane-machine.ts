import type { HookChanged } from '@hooklane/contracts/topics';
import { healthInEpoch, isLimitReached, mustAnnounce, type AttemptDecision, type DisableRules } from '../attempt/decide-attempt.js';
import type { Delivery, Lane } from './lane.js';
import { laneLimits, type LaneEffects, type LaneLimits, type LaneView } from './lane-world.js';

const PREFETCH_BELOW = 64;
const VERDICT_AGAIN_MS = 60_000;

/**
 * The life of a fifo lane. Every method is an input; it changes the lane and says through `LaneEffects` what is to happen. Deterministic: time and everything else
 * comes through `LaneView`, so simulation, embedded and Kafka run the same code (ADR 0001 says why the state is changed in place).
 */
export class LaneMachine {
  /** What all lanes hold in memory. */
  liveBytes = 0;
  liveRecords = 0;

  constructor(
    private readonly view: LaneView,
    private readonly effects: LaneEffects,
    private readonly limits: LaneLimits = laneLimits,
  ) {}

  /** A new delivery, or after a take-over one that is read again, in offset order. */
  requested(lane: Lane, delivery: Delivery): void {
    lane.lastActiveMs = delivery.arrivedAtMs;
    if (lane.parkedCount > 0 && lane.parkedCount >= this.view.maxParked(lane)) {
      this.effects.conclude(lane, delivery, 'discarded', 'backlog-full');
      return;
    }
    if (lane.spilled) {
      // Read again after a take-over: lower offsets than those parked before may still come.
      delivery.spilling = delivery.request.offset <= lane.readGate;
      this.park(lane, [delivery]);
    } else {
      this.take(lane, delivery);
      const records = this.view.isMemoryShort() ? this.limits.recordsWhenShort : this.limits.records;
      if (lane.live.length >= records || lane.liveBytes >= this.limits.bytes) lane.spilled = true;
    }
    if (lane.phase === 'idle') this.advance(lane);
  }

  /** Looks at the lane again: something it waited for may be there. Safe to call at any time. */
  advance(lane: Lane): void {
    while (lane.phase === 'idle') {
      const head = lane.live.first();
      if (!head) {
        const hook = lane.hasRow ? this.view.hook(lane.hookId) : undefined;
        if (hook) this.enterEpoch(lane, hook);
        this.refill(lane);
        return;
      }
      if (lane.spilled && lane.live.length < PREFETCH_BELOW) this.refill(lane);
      const step = this.next(lane, head);
      if (step !== 'again') return;
    }
  }

  /** A slot is there. Things may have changed while the lane waited for it. */
  begin(lane: Lane): void {
    const head = lane.live.first();
    lane.phase = 'idle';
    if (!head || this.next(lane, head, true) !== 'send') {
      this.effects.releaseSlot(lane);
      this.advance(lane);
      return;
    }
    lane.phase = 'sending';
    this.effects.send(lane, head, this.attemptNumber(lane, head));
  }

  /** Success, or an event that cannot be sent: its outcome is on its way, the lane goes on at the answer. */
  settled(lane: Lane, decision: AttemptDecision): void {
    lane.health = decision.health;
    lane.phase = 'idle';
    this.drop(lane);
    this.advance(lane);
  }

  /** A failure: its row is being written, then its outcome; `recorded` follows when both are there. */
  failed(lane: Lane, decision: AttemptDecision): void {
    lane.health = decision.health;
    lane.hasRow = true;
    lane.phase = 'recording';
    if (decision.fate === 'pending') this.spill(lane);
  }

  /** The request was given back before a byte of it was written. */
  notStarted(lane: Lane): void {
    lane.phase = 'idle';
    this.advance(lane);
  }

  recorded(lane: Lane, isFinal: boolean): void {
    if (isFinal) this.drop(lane);
    lane.phase = 'idle';
    this.advance(lane);
  }

  /** A request of the former owner gave this delivery its fate. @returns it, where it stood in memory */
  settledElsewhere(lane: Lane, offset: number): Delivery | undefined {
    const head = lane.live.first();
    if (head?.request.offset !== offset) return undefined;
    this.drop(lane);
    return head;
  }

  announced(lane: Lane): void {
    lane.phase = 'idle';
    this.advance(lane);
  }

  /** Rows are stored. */
  parked(lane: Lane, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      if (delivery.row === 'queued') delivery.row = 'stored';
      if (delivery.spilling) lane.spillsPending -= 1;
      delivery.spilling = false;
    }
    lane.parksPending -= deliveries.length;
    lane.parkCommits += 1;
    lane.isDry = false;
    this.advance(lane);
  }

  /**
   * The rows that follow `drainedTo`, lowest first. The lane is live again in the very step in which they reach the highest offset parked or queued for parking:
   * from then on what is new stands behind them in memory.
   */
  loaded(lane: Lane, page: readonly Delivery[], readTo: number, token: number, commits: number): void {
    lane.isLoading = false;
    if (token === lane.loadToken) {
      const isEmpty = readTo <= lane.drainedTo;
      for (const delivery of page) this.take(lane, delivery);
      lane.drainedTo = Math.max(lane.drainedTo, readTo);
      // Nothing is stored beyond, and nothing was on its way while the page was read: the rest was removed by hand.
      if (isEmpty && commits === lane.parkCommits && lane.parksPending === 0) lane.drainedTo = lane.parkedMax;
      lane.isDry = isEmpty && commits === lane.parkCommits && lane.parksPending > 0;
      if (lane.drainedTo >= lane.parkedMax) lane.spilled = false;
    }
    this.advance(lane);
  }

  /** The lane's partition is no longer ours: nothing is called for it any more. */
  forget(lane: Lane): void {
    const given = lane.live.truncate(0);
    this.count(lane, -given.length, -lane.liveBytes);
  }

  /** Called about once a second: what is old goes to Postgres, so that no hook holds the watermark. */
  aged(lane: Lane): void {
    const limitMs = this.view.monotonicMs() - this.limits.oldestMs;
    for (const delivery of lane.live) {
      if (delivery.row !== 'none') continue;
      if (delivery.arrivedAtMs <= limitMs) this.spill(lane);
      break;
    }
  }

  /** What is to happen with the head. `send` only with a slot in hand. */
  private next(lane: Lane, head: Delivery, hasSlot = false): 'again' | 'wait' | 'send' {
    const hook = this.view.hook(lane.hookId);
    if (!hook || hook.version < head.hookVersion) return this.wait(lane, 'hook-version');
    const obstacle = this.view.obstacle(lane);
    if (obstacle !== '') return this.wait(lane, obstacle);
    if (hook.deleted) return this.conclude(lane, head, 'skipped', 'hook-deleted');
    if (hook.tenantId !== head.request.tenantId) return this.conclude(lane, head, 'discarded', 'tenant-mismatch');
    if (!hook.enabled) return this.conclude(lane, head, 'skipped', 'disabled');
    this.enterEpoch(lane, hook);
    if (lane.health.held && !this.release(lane, hook, head)) return this.wait(lane, 'held');
    return this.attempt(lane, hook, head, hasSlot);
  }

  private attempt(lane: Lane, hook: HookChanged, head: Delivery, hasSlot: boolean): 'again' | 'wait' | 'send' {
    const disable = this.view.disableRules(hook);
    if (head.request.offset < lane.suspectBelow) this.charge(lane, disable);
    if (isLimitReached(lane.health, disable)) {
      this.hold(lane, hook, head);
      return this.wait(lane, 'held');
    }
    const { nextAttemptAtMs } = lane.health;
    const nowMs = this.view.nowMs();
    if (nextAttemptAtMs > nowMs) {
      this.effects.wake(lane, nextAttemptAtMs);
      return this.wait(lane, 'retry');
    }
    const startAtMs = this.view.startAtMs(lane, hook);
    if (startAtMs > nowMs) {
      this.effects.wake(lane, startAtMs);
      return this.wait(lane, 'rate-limit');
    }
    const number = this.attemptNumber(lane, head);
    if (mustAnnounce(lane.health, disable) && (lane.health.head?.offset !== head.request.offset || lane.health.head.started < number)) {
      this.startOf(lane, head).started = number;
      lane.phase = 'announcing';
      lane.hasRow = true;
      this.effects.announce(lane);
      return 'wait';
    }
    lane.waitsFor = '';
    if (hasSlot) return 'send';
    lane.phase = 'queued';
    this.effects.requestSlot(lane);
    return 'wait';
  }

  private attemptNumber(lane: Lane, head: Delivery): number {
    return lane.health.head?.offset === head.request.offset ? lane.health.head.attempts + 1 : 1;
  }

  private startOf(lane: Lane, head: Delivery): NonNullable<Lane['health']['head']> {
    if (lane.health.head?.offset !== head.request.offset) {
      lane.health.head = { offset: head.request.offset, attempts: 0, started: 0, firstAttemptAtMs: 0, rejectedStep: 0, interrupted: 0 };
    }
    return lane.health.head;
  }

  /** Nobody knows whether the head went out and failed before the last owner died: it counts as if it had, so that there are never more than N (promise 5). */
  private charge(lane: Lane, disable: DisableRules): void {
    lane.suspectBelow = 0;
    if (disable.limit > 0 && !mustAnnounce(lane.health, disable)) lane.health.streak += 1;
  }

  private enterEpoch(lane: Lane, hook: HookChanged): void {
    if (hook.enabledEpoch <= lane.health.enabledEpoch) return;
    lane.health = healthInEpoch(lane.health, hook.enabledEpoch);
    if (lane.hasRow) this.effects.saveRow(lane);
  }

  /** @returns whether the lane goes on: the hook has a newer version, which is the answer to a verdict and the way out of a hold */
  private release(lane: Lane, hook: HookChanged, head: Delivery): boolean {
    const held = lane.health.held;
    if (!held) return true;
    if (hook.version > held.hookVersion) {
      lane.health.held = null;
      lane.hasRow = true;
      this.effects.saveRow(lane);
      return true;
    }
    if (held.reason !== 'exhausted') {
      const againMs = held.verdictAtMs + VERDICT_AGAIN_MS;
      if (againMs <= this.view.nowMs()) {
        held.verdictAtMs = this.view.nowMs();
        this.effects.repeatVerdict(lane, head);
      }
      this.effects.wake(lane, held.verdictAtMs + VERDICT_AGAIN_MS);
    }
    return false;
  }

  /** The limit was reached by what a dead owner had started, or by a policy that was lowered. */
  private hold(lane: Lane, hook: HookChanged, head: Delivery): void {
    const nowMs = this.view.nowMs();
    lane.health.held = { reason: 'failure-limit', hookVersion: hook.version, policyVersion: hook.policyVersion, verdictAtMs: nowMs };
    lane.hasRow = true;
    this.effects.saveRow(lane);
    this.effects.repeatVerdict(lane, head);
    this.effects.wake(lane, nowMs + VERDICT_AGAIN_MS);
  }

  private conclude(lane: Lane, head: Delivery, fate: 'skipped' | 'discarded', reason: string): 'again' {
    this.effects.conclude(lane, head, fate, reason);
    this.drop(lane);
    if (lane.health.head?.offset === head.request.offset) {
      lane.health.head = null;
      if (lane.hasRow) this.effects.saveRow(lane);
    }
    return 'again';
  }

  private wait(lane: Lane, reason: Lane['waitsFor']): 'wait' {
    lane.waitsFor = reason;
    return 'wait';
  }

  private take(lane: Lane, delivery: Delivery): void {
    lane.live.push(delivery);
    this.count(lane, 1, delivery.request.encoded.length);
    lane.drainedTo = Math.max(lane.drainedTo, delivery.request.offset);
  }

  private drop(lane: Lane): void {
    const gone = lane.live.shift();
    if (!gone) return;
    this.count(lane, -1, -gone.request.encoded.length);
    if (gone.row !== 'none') lane.parkedCount -= 1;
    if (lane.parkedCount === 0) lane.oldestParkedAtMs = 0;
  }

  private count(lane: Lane, records: number, bytes: number): void {
    lane.liveBytes += bytes;
    this.liveBytes += bytes;
    this.liveRecords += records;
  }

  private park(lane: Lane, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      delivery.row = 'queued';
      if (delivery.spilling) lane.spillsPending += 1;
      lane.parkedMax = Math.max(lane.parkedMax, delivery.request.offset);
      if (lane.oldestParkedAtMs === 0) lane.oldestParkedAtMs = delivery.request.event.acceptedAtMs;
    }
    lane.parkedCount += deliveries.length;
    lane.parksPending += deliveries.length;
    this.effects.park(lane, deliveries);
  }

  /** Everything but the head leaves memory; the head gets a row too. */
  private spill(lane: Lane): void {
    const head = lane.live.first();
    if (!head) return;
    const rows: Delivery[] = [];
    for (const delivery of lane.live) {
      if (delivery.row !== 'none') continue;
      delivery.spilling = true;
      rows.push(delivery);
    }
    const last = lane.live.last() as Delivery;
    lane.parkedMax = Math.max(lane.parkedMax, last.request.offset);
    const given = lane.live.truncate(1);
    this.count(lane, -given.length, head.request.encoded.length - lane.liveBytes);
    lane.drainedTo = head.request.offset;
    lane.spilled = true;
    lane.loadToken += 1;
    if (rows.length > 0) this.park(lane, rows);
  }

  private refill(lane: Lane): void {
    if (!lane.spilled) {
      lane.waitsFor = '';
      return;
    }
    // A lane that stands still anyway needs no second record in memory.
    if (lane.live.length > 0 && (lane.health.held !== null || lane.health.nextAttemptAtMs > this.view.nowMs())) return;
    if (lane.readGate >= this.view.readUpTo(lane)) {
      lane.waitsFor = 'take-over';
      return;
    }
    if (lane.drainedTo >= lane.parkedMax) {
      lane.spilled = false;
      return;
    }
    if (lane.isLoading || lane.isDry || lane.spillsPending > 0) return;
    lane.isLoading = true;
    this.effects.load(lane, lane.loadToken, lane.parkCommits);
  }
}
