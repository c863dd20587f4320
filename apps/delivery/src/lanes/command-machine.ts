import type { HookChanged } from '@hooklane/contracts/topics';
import { isCatchUpCurrent, isForgettableOrders, noOrders, withSkip, type LaneOrders } from './lane-orders.js';
import type { Lane } from './lane.js';
import type { LaneMemory } from './lane-memory.js';
import type { LaneEffects, LaneView } from './lane-world.js';

export const laneCommandKinds = ['retry-now', 'skip-head', 'hold', 'release', 'begin-catch-up', 'end-catch-up', 'release-catch-up'] as const;
export type LaneCommandKind = (typeof laneCommandKinds)[number];

/** A command as the lane sees it. */
export interface LaneCommandFacts {
  readonly kind: LaneCommandKind;
  /** Its place in the partition. */
  readonly offset: number;
  /** Offset of the delivery that it names; null: none. */
  readonly delivery: number | null;
  /** Number of the attempt that is meant; 0: whichever is next. */
  readonly attempt: number;
  /** Of a catch-up. */
  readonly epoch: number;
  /** In the hook's history, where it has one; else 0. */
  readonly position: number;
}

/** What commands do to a lane, and how a catch-up goes on. A command acts when it is read; it is done when the lane's row remembers its effect. */
export class CommandMachine {
  constructor(
    private readonly view: LaneView,
    private readonly effects: LaneEffects,
    private readonly memory: LaneMemory,
    private readonly again: (lane: Lane) => void,
  ) {}

  obey(lane: Lane, command: LaneCommandFacts, done: () => void): void {
    if (command.kind === 'retry-now' && (lane.phase === 'recording' || lane.phase === 'announcing')) {
      // What it is for may be waiting as soon as the row is there.
      lane.answers.push(() => this.obey(lane, command, done));
      return;
    }
    const before = lane.orders ?? noOrders;
    // Read again after a crash, or appended again by who did not know that it had arrived.
    const isRepeat = command.offset <= before.upTo || (command.position > 0 && command.position <= before.position);
    const orders = isRepeat ? null : this.apply(lane, before, command);
    if (orders === null) {
      done();
      return;
    }
    lane.orders = { ...orders, upTo: command.offset, position: Math.max(before.position, command.position) };
    const epoch = orders.catchUp?.epoch ?? 0;
    const isBegun = epoch > (before.catchUp?.epoch ?? 0);
    (lane.rowDone ??= []).push(() => {
      done();
      if (isBegun) this.begun(lane, epoch);
    });
    this.save(lane);
  }

  private begun(lane: Lane, epoch: number): void {
    this.memory.parkAsides(lane, epoch);
    this.again(lane);
  }

  opened(lane: Lane, epoch: number): void {
    lane.isOpeningCatchUp = false;
    if (lane.orders?.catchUp?.epoch !== epoch) return;
    lane.orders = { ...lane.orders, catchUp: { ...lane.orders.catchUp, isOpen: true } };
    this.save(lane);
  }

  /** Nothing of the line is in memory. @returns whether to look again */
  emptied(lane: Lane, hook: HookChanged): boolean {
    const { orders } = lane;
    if (orders === null || lane.spilled || lane.parkedCount > 0 || lane.asides.length > 0 || lane.unackedFates > 0) return false;
    // After a take-over: what a catch-up brought may still be on its way from the log.
    if (this.view.readUpTo(lane) <= Math.max(orders.upTo, lane.readGate)) return false;
    const { catchUp } = orders;
    if (catchUp === null) return this.tidy(lane, orders, hook);
    const isDropped = hook.deleted || (hook.enabled ? !isCatchUpCurrent(catchUp, hook) : hook.enabledEpoch >= catchUp.epoch);
    if (catchUp.isEnding || isDropped) {
      lane.orders = { ...orders, catchUp: null };
      this.memory.join(lane);
      this.save(lane);
      return true;
    }
    lane.waitsFor = 'catch-up';
    const mayOpen = !catchUp.isOpen && !lane.isOpeningCatchUp && hook.enabled && hook.enabledEpoch >= catchUp.epoch;
    if (!mayOpen || this.view.obstacle(lane) !== '') return false;
    lane.isOpeningCatchUp = true;
    this.effects.openCatchUp(lane, catchUp);
    return false;
  }

  /** @returns null: the command does nothing */
  private apply(lane: Lane, orders: LaneOrders, command: LaneCommandFacts): LaneOrders | null {
    const { kind, epoch } = command;
    const { catchUp } = orders;
    switch (kind) {
      case 'retry-now':
        return this.retryNow(lane, command) ? orders : null;
      case 'skip-head':
        return command.delivery !== null && mayBeHead(lane, command.delivery) ? withSkip(orders, command.delivery) : null;
      case 'hold':
        return { ...orders, isHeld: true };
      case 'release':
        if (lane.health.held?.reason === 'exhausted') lane.health.held = null;
        else if (!orders.isHeld) return null;
        return { ...orders, isHeld: false };
      case 'begin-catch-up':
        if (epoch <= orders.catchUpEpoch) return null;
        // Overtaken by another enabling. Read again after a crash, what stands behind it may be a part of the line by now.
        if ((this.view.hook(lane.hookId)?.enabledEpoch ?? 0) > epoch) return { ...orders, catchUpEpoch: epoch };
        // What waited for the end of the one before is skipped by this one.
        this.memory.overtake(lane);
        // A page that is being read knows no border.
        lane.loadToken += 1;
        return { ...orders, catchUpEpoch: epoch, catchUp: { epoch, border: command.offset, isOpen: false, isEnding: false } };
      case 'end-catch-up':
        return catchUp?.epoch === epoch ? { ...orders, catchUp: { ...catchUp, isEnding: true } } : null;
      case 'release-catch-up':
        // Read again after a crash it must not release a later one.
        if (catchUp?.epoch === epoch) return { ...orders, catchUp: { ...catchUp, isEnding: true } };
        return this.releaseUnbegun(lane, orders, epoch);
      default:
        return kind satisfies never;
    }
  }

  /** The lane waits for a command that has not come: it waits no longer. */
  private releaseUnbegun(lane: Lane, orders: LaneOrders, epoch: number): LaneOrders | null {
    return epoch > orders.catchUpEpoch && orders.catchUp === null ? { ...orders, catchUpEpoch: epoch } : null;
  }

  /** @returns whether something that waited for its retry is due now */
  private retryNow(lane: Lane, { delivery, attempt }: LaneCommandFacts): boolean {
    const nowMs = this.view.nowMs();
    const { health, keyed } = lane;
    if (lane.phase !== 'idle') return false;
    if (keyed === null && lane.remembered !== null) return this.retryRemembered(lane, delivery, attempt, nowMs);
    if (keyed === null) {
      const offset = lane.live.first()?.request.offset ?? health.head?.offset ?? null;
      const attempts = health.head !== null && health.head.offset === offset ? health.head.attempts : 0;
      if (health.nextAttemptAtMs <= nowMs || (delivery !== null && delivery !== offset) || (attempt > 0 && attempt !== attempts + 1)) return false;
      health.nextAttemptAtMs = 0;
      return true;
    }
    const waiting = [...keyed.heads.values()].filter(({ phase, health: known }) => phase === 'waiting' && known !== null).sort((a, b) => a.offset - b.offset);
    const head = delivery === null ? waiting[0] : waiting.find(({ offset }) => offset === delivery);
    if (!head?.health || (attempt > 0 && attempt !== head.health.attempts + 1) || (head.dueMs <= nowMs && health.nextAttemptAtMs <= nowMs)) return false;
    head.dueMs = 0;
    keyed.nextDueMs = 0;
    health.nextAttemptAtMs = 0;
    (lane.headWrites ??= new Map()).set(head.offset, JSON.stringify({ key: head.key, health: head.health, dueMs: 0 }));
    return true;
  }

  /** After a take-over, or while the lane is held: the overlay is still to be made. */
  private retryRemembered(lane: Lane, delivery: number | null, attempt: number, nowMs: number): boolean {
    const offset = delivery ?? Math.min(...(lane.remembered?.keys() ?? []));
    const known = lane.remembered?.get(offset);
    if (!known || (attempt > 0 && attempt !== known.health.attempts + 1) || (known.dueMs <= nowMs && lane.health.nextAttemptAtMs <= nowMs)) return false;
    lane.health.nextAttemptAtMs = 0;
    lane.remembered?.set(offset, { ...known, dueMs: 0 });
    (lane.headWrites ??= new Map()).set(offset, JSON.stringify({ ...known, dueMs: 0 }));
    return true;
  }

  private tidy(lane: Lane, orders: LaneOrders, hook: HookChanged): boolean {
    const isWaited = lane.waiting !== null;
    this.memory.join(lane);
    const rest: LaneOrders = isWaited || orders.skips.length === 0 ? orders : { ...orders, skips: [] };
    if (rest !== orders) lane.orders = rest;
    if (isForgettableOrders(rest, hook)) lane.orders = null;
    if (lane.orders !== orders) this.save(lane);
    return isWaited;
  }

  /** While a row is being written that somebody waits for, the next one follows of itself. */
  private save(lane: Lane): void {
    lane.hasRow = true;
    if (lane.phase === 'recording' || lane.phase === 'announcing') return;
    this.effects.saveRow(lane);
  }
}

/** Whether it is what goes out next, as far as one knows: of a lane that waits in Postgres nobody does. */
function mayBeHead(lane: Lane, offset: number): boolean {
  if (lane.keyed !== null) return lane.keyed.headAt(offset) !== undefined;
  const first = lane.live.first();
  return first ? first.request.offset === offset : lane.spilled;
}
