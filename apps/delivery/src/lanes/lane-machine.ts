import type { AttemptDecision } from '../attempt/decide-attempt.js';
import type { LaneHealth } from '../attempt/lane-health.js';
import type { KeyHead } from './keyed-line.js';
import { KeyedMachine } from './keyed-machine.js';
import { CommandMachine, type LaneCommandFacts } from './command-machine.js';
import type { Delivery, Lane } from './lane.js';
import { attemptNumber, dropHead, forgetHead, startHead } from './lane-head.js';
import { headStateOf } from './head-state.js';
import { LaneMemory } from './lane-memory.js';
import { isCatchUp, waitsForCatchUp, withoutSkip } from './lane-orders.js';
import { LaneRules } from './lane-rules.js';
import { isPendingAlready, rememberReplay } from './pending-replays.js';
import { laneLimits, type LaneEffects, type LaneLimits, type LaneView } from './lane-world.js';

/**
 * The life of a lane. Every method is an input; it changes the lane and says through `LaneEffects` what is to happen. Deterministic: time and everything else
 * comes through `LaneView`, so simulation, embedded and Kafka run the same code (ADR 0001 says why the state is changed in place).
 * A fifo lane is a straight line: its first delivery is its head. With another order it has an overlay of heads (`KeyedMachine`) while attempts are possible, and is a straight line else.
 */
export class LaneMachine {
  readonly memory: LaneMemory;
  private readonly rules: LaneRules;
  private readonly keyed: KeyedMachine;
  private readonly commands: CommandMachine;

  constructor(
    private readonly view: LaneView,
    private readonly effects: LaneEffects,
    limits: LaneLimits = laneLimits,
  ) {
    this.memory = new LaneMemory(view, effects, limits);
    this.rules = new LaneRules(view, effects);
    this.keyed = new KeyedMachine(view, effects, this.memory, this.rules, (lane) => this.advance(lane));
    this.commands = new CommandMachine(view, effects, this.memory, (lane) => this.advance(lane));
  }

  get liveBytes(): number {
    return this.memory.liveBytes;
  }

  /** A new delivery, or after a take-over one that is read again, in offset order. */
  requested(lane: Lane, delivery: Delivery): void {
    lane.lastActiveMs = delivery.arrivedAtMs;
    // Of what a former owner has in flight, or whoever has the lease by now, the fate may be in the log.
    if (isPendingAlready(lane, delivery) && this.view.obstacle(lane) === '') {
      this.effects.conclude(lane, delivery, 'skipped', 'already-pending');
      return;
    }
    if (lane.parkedCount > 0 || lane.waiting !== null || lane.joining !== null) {
      const counted = lane.parkedCount - lane.parkedExempt + (lane.waiting?.count ?? 0) + (lane.joining?.count ?? 0);
      if (counted > 0 && counted >= this.view.maxParked(lane) && !isCatchUp(delivery)) {
        this.effects.conclude(lane, delivery, 'discarded', 'backlog-full');
        return;
      }
    }
    rememberReplay(lane, delivery);
    if (lane.orders !== null && waitsForCatchUp(lane.orders, delivery)) {
      this.memory.parkAside(lane, delivery);
      return;
    }
    if (lane.spilled) {
      // Read again after a take-over: lower offsets than those parked before may still come.
      delivery.spilling = delivery.request.offset <= lane.readGate;
      this.memory.park(lane, [delivery]);
    } else {
      this.memory.take(lane, delivery);
      if (this.memory.isFull(lane)) lane.spilled = true;
    }
    if (lane.phase === 'idle') this.advance(lane);
  }

  /** A command for the lane. @param done called when nothing of it can be lost any more */
  commanded(lane: Lane, command: LaneCommandFacts, done: () => void): void {
    this.commands.obey(lane, command, done);
    this.advance(lane);
  }

  /** Looks at the lane again: something it waited for may be there. Safe to call at any time. */
  advance(lane: Lane): void {
    while (lane.phase === 'idle') {
      if (lane.mustRewind && (lane.keyed === null || lane.keyed.inFlight === 0)) this.rewind(lane);
      if (lane.keyed !== null) {
        if (!this.keyed.advance(lane)) return;
        continue;
      }
      const head = lane.live.first();
      if (!head) {
        if (!this.empty(lane)) return;
        continue;
      }
      this.memory.prefetch(lane);
      if (this.transition(lane, head, false) !== 'again') return;
    }
  }

  /** Whether a slot that was asked for is still wanted. */
  wantsSlot(lane: Lane): boolean {
    return lane.keyed === null ? lane.phase === 'queued' : lane.keyed.slots.length > 0;
  }

  /** A slot is there. Things may have changed while the lane waited for it. */
  begin(lane: Lane): void {
    if (lane.keyed !== null) {
      this.keyed.begin(lane);
      return;
    }
    const head = lane.live.first();
    lane.phase = 'idle';
    if (!head || this.transition(lane, head, true) !== 'send') {
      this.effects.releaseSlot(lane);
      this.advance(lane);
      return;
    }
    lane.phase = 'sending';
    this.effects.send(lane, head, attemptNumber(lane, head.request.offset));
  }

  /** The lane's health as an attempt of this delivery sees it. */
  healthOf(lane: Lane, delivery: Delivery): LaneHealth {
    return lane.keyed === null ? lane.health : this.keyed.healthOf(lane, delivery);
  }

  /** A row of the lane is being written: an answer is looked at when that is done, in the order in which it came. @returns whether it waits */
  defers(lane: Lane, answer: () => void): boolean {
    if (lane.keyed === null || (lane.phase === 'idle' && (lane.isAnswering || lane.answers.length === 0))) return false;
    lane.answers.push(answer);
    return true;
  }

  /** Success, or an event that cannot be sent: its outcome is on its way, the lane goes on at the answer. */
  settled(lane: Lane, decision: AttemptDecision, delivery: Delivery): void {
    if (lane.keyed !== null) {
      this.keyed.settled(lane, decision, delivery);
    } else {
      lane.health = decision.health;
      lane.phase = 'idle';
      this.memory.drop(lane);
    }
    this.advance(lane);
  }

  /** A failure: its row is being written, then its outcome; `recorded` follows when both are there. */
  failed(lane: Lane, decision: AttemptDecision, delivery: Delivery): void {
    lane.hasRow = true;
    lane.phase = 'recording';
    if (lane.keyed !== null) {
      this.keyed.failed(lane, decision, delivery);
      return;
    }
    lane.health = decision.health;
    if (decision.fate === 'pending') this.memory.spill(lane, 1);
  }

  /** The request was given back before a byte of it was written. */
  notStarted(lane: Lane, delivery: Delivery): void {
    if (lane.keyed !== null) this.keyed.notStarted(lane, delivery);
    else lane.phase = 'idle';
    this.advance(lane);
  }

  recorded(lane: Lane, delivery: Delivery, isFinal: boolean): void {
    if (lane.keyed !== null) this.keyed.recorded(lane, delivery, isFinal);
    else if (isFinal) this.memory.drop(lane);
    this.goOn(lane);
  }

  /** A request of the former owner gave this delivery its fate. @returns it, where it stood in memory; undefined also where it stands in Postgres (`isParked`), or was not read yet */
  settledElsewhere(lane: Lane, offset: number, isParked: boolean, isOfCatchUp: boolean): Delivery | undefined {
    const delivery = this.memory.settledElsewhere(lane, offset, isParked, isOfCatchUp);
    forgetHead(lane, offset);
    return delivery;
  }

  announced(lane: Lane): void {
    if (lane.keyed === null) {
      this.goOn(lane);
      return;
    }
    const starting = this.keyed.announced(lane);
    this.goOn(lane, starting);
  }

  /** Rows are stored. */
  parked(lane: Lane, deliveries: readonly Delivery[]): void {
    this.memory.parked(lane, deliveries);
    this.advance(lane);
  }

  /**
   * The rows that follow `drainedTo`, lowest first. The lane is live again in the very step in which they reach the highest offset parked or queued for parking:
   * from then on what is new stands behind them in memory.
   */
  loaded(lane: Lane, page: readonly Delivery[], readTo: number, token: number, commits: number): void {
    this.memory.loaded(lane, page, readTo, token, commits);
    this.advance(lane);
  }

  /** The rows of one key, from its head on; null: they could not be read. */
  keyLoaded(lane: Lane, head: KeyHead, page: readonly Delivery[] | null): void {
    this.keyed.loaded(lane, head, page);
    this.advance(lane);
  }

  /** The row of a delivery that has its fate is gone. */
  removed(lane: Lane, offset: number): void {
    lane.leaving -= 1;
    lane.keyed?.barred.delete(offset);
    if (lane.leaving === 0 && lane.drainedTo < lane.goneMax) this.advance(lane);
  }

  /** The outcome that says that a catch-up may begin is in the log. */
  catchUpOpened(lane: Lane, epoch: number): void {
    this.commands.opened(lane, epoch);
    this.advance(lane);
  }

  /** The lane's partition is no longer ours: nothing is called for it any more. */
  forget(lane: Lane): void {
    this.memory.forget(lane);
  }

  /** Called about once a second: what is old goes to Postgres, so that no hook holds the watermark. */
  aged(lane: Lane): void {
    const limitMs = this.view.monotonicMs() - this.memory.limits.oldestMs;
    if (lane.keyed !== null) {
      this.keyed.aged(lane, limitMs);
      return;
    }
    for (const delivery of lane.live) {
      if (delivery.row !== 'none') continue;
      if (delivery.arrivedAtMs <= limitMs) this.memory.spill(lane, 1);
      break;
    }
  }

  /** Nothing has happened for a while: a row that only says how many requests there may be at once is not needed. */
  rested(lane: Lane): void {
    if (lane.width === 0 || lane.phase !== 'idle' || lane.keyed !== null || lane.live.length > 0) return;
    lane.width = 0;
    this.effects.saveRow(lane);
  }

  private goOn(lane: Lane, starting: readonly KeyHead[] = []): void {
    lane.phase = 'idle';
    if (lane.rowDone !== null) this.effects.saveRow(lane);
    if (lane.keyed !== null) this.keyed.start(lane, starting);
    // Looked at now, they find the lane idle; the first failure among them makes it record again.
    while (lane.phase === 'idle' && lane.answers.length > 0) {
      const answer = lane.answers.shift() as () => void;
      lane.isAnswering = true;
      answer();
      lane.isAnswering = false;
    }
    this.advance(lane);
  }

  private rewind(lane: Lane): void {
    lane.mustRewind = false;
    this.memory.rewind(lane);
    lane.announced = [];
    this.memory.joinOvertaken(lane);
  }

  /** Nothing of the line is in memory. @returns whether to look again */
  private empty(lane: Lane): boolean {
    const hook = lane.hasRow || lane.orders !== null ? this.view.hook(lane.hookId) : undefined;
    if (hook) this.rules.enterEpoch(lane, hook);
    this.memory.refill(lane);
    return lane.orders !== null && hook !== undefined && this.commands.emptied(lane, hook);
  }

  /** The one transition of a straight line: what stands in the way of its head, and what follows from that. `send` only with a slot in hand. */
  private transition(lane: Lane, head: Delivery, hasSlot: boolean): 'again' | 'wait' | 'send' {
    const hook = this.view.hook(lane.hookId);
    if (!hook || hook.version < head.hookVersion) return this.wait(lane, 'hook-version');
    if (hook.enabledEpoch > lane.health.enabledEpoch && hook.enabled) this.rules.enterEpoch(lane, hook);
    const state = headStateOf(this.view, lane, hook, head);
    switch (state) {
      case 'hook-version':
      case 'lease':
      case 'outcomes':
      case 'shutdown':
      case 'busy-elsewhere':
      case 'catch-up':
      case 'command':
        return this.wait(lane, state);
      case 'deleted':
        return this.conclude(lane, head, 'skipped', 'hook-deleted');
      case 'foreign':
        return this.conclude(lane, head, 'discarded', 'tenant-mismatch');
      case 'disabled':
      case 'missed':
      case 'stale-catch-up':
        return this.conclude(lane, head, 'skipped', 'disabled');
      case 'skipped-by-command':
        if (lane.orders) lane.orders = withoutSkip(lane.orders, head.request.offset);
        return this.conclude(lane, head, 'skipped', 'by-command');
      case 'held':
        return this.rules.release(lane, hook, head) ? 'again' : this.wait(lane, 'held');
      case 'keyed':
        this.keyed.open(lane, hook, head);
        return 'again';
      case 'suspect':
        if (!this.rules.charge(lane, this.view.disableRules(hook))) return 'again';
        return this.record(lane);
      case 'limit':
        this.rules.hold(lane, hook, head);
        return this.wait(lane, 'held');
      case 'retry':
        this.effects.wake(lane, lane.health.nextAttemptAtMs);
        return this.wait(lane, 'retry');
      case 'rate-limit':
        this.effects.wake(lane, this.view.startAtMs(lane, hook));
        return this.wait(lane, 'rate-limit');
      case 'unannounced':
        startHead(lane, head.request.offset);
        return this.record(lane);
      case 'ready':
        lane.waitsFor = '';
        if (hasSlot) return 'send';
        lane.phase = 'queued';
        this.effects.requestSlot(lane);
        return 'wait';
      default:
        return state satisfies never;
    }
  }

  /** Nothing happens to the lane before its row is there. */
  private record(lane: Lane): 'wait' {
    lane.phase = 'announcing';
    lane.hasRow = true;
    this.effects.announce(lane);
    return 'wait';
  }

  private conclude(lane: Lane, head: Delivery, fate: 'skipped' | 'discarded', reason: string): 'again' {
    this.effects.conclude(lane, head, fate, reason);
    this.memory.drop(lane);
    if (dropHead(lane, head.request.offset) && lane.hasRow) this.effects.saveRow(lane);
    return 'again';
  }

  private wait(lane: Lane, reason: Lane['waitsFor']): 'wait' {
    lane.waitsFor = reason;
    return 'wait';
  }
}
