import type { HookChanged } from '@hooklane/contracts/topics';
import { mustAnnounce, type AttemptDecision, type DisableRules } from '../attempt/decide-attempt.js';
import { chargedFailures, type LaneHealth } from '../attempt/lane-health.js';
import { isKeyed, KeyedLine, MAX_HEADS, type KeyHead, type KeyedOrder } from './keyed-line.js';
import { KeyedPlaces, type Keyed } from './keyed-places.js';
import type { Delivery, Lane } from './lane.js';
import type { LaneMemory } from './lane-memory.js';
import { orderedState } from './lane-orders.js';
import type { LaneRules } from './lane-rules.js';
import type { LaneEffects, LaneView } from './lane-world.js';

/**
 * The life of a lane while several of its deliveries may be under way: those of different keys, or any. Nothing starts while a row is being written, and an answer that comes
 * meanwhile waits for that (`LaneMachine.defers`). For everything that is no attempt – skip, hold, another order – the overlay ends as soon as nothing is under way.
 */
export class KeyedMachine {
  private readonly places: KeyedPlaces;

  constructor(
    private readonly view: LaneView,
    private readonly effects: LaneEffects,
    private readonly memory: LaneMemory,
    private readonly rules: LaneRules,
    private readonly again: (lane: Lane) => void,
  ) {
    this.places = new KeyedPlaces(memory);
  }

  /** The line's first delivery may go out: from here on there is one head a key. */
  open(lane: Lane, hook: HookChanged, first: Delivery): void {
    const keyed = new KeyedLine(hook.order as KeyedOrder, first.request.offset - 1);
    const { health, remembered } = lane;
    const known = [...(remembered ?? [])].sort(([a], [b]) => a - b);
    const gone = known.filter(([offset, head]) => offset < first.request.offset || !keyed.remember(offset, head));
    if (health.head) {
      // The order was fifo when it failed. A refusal concerns it alone; an outage is the hook's.
      const isOwn = health.unavailableStep === 0;
      const { offset } = health.head;
      if (offset === first.request.offset) keyed.remember(offset, { key: keyed.keyOf(first), health: health.head, dueMs: isOwn ? health.nextAttemptAtMs : 0 });
      lane.health = { ...health, head: null, nextAttemptAtMs: isOwn ? 0 : health.nextAttemptAtMs };
    }
    lane.remembered = null;
    lane.keyed = keyed;
    this.forgetHeads(lane, gone.map(([offset]) => offset));
  }

  private forgetHeads(lane: Lane, offsets: readonly number[]): void {
    if (offsets.length === 0) return;
    for (const offset of offsets) (lane.headWrites ??= new Map()).set(offset, '');
    lane.hasRow = true;
    this.effects.saveRow(lane);
  }

  /** @returns whether the lane is a straight line again and is to be looked at as such */
  advance(lane: Lane): boolean {
    if (!isOpen(lane)) return true;
    const hook = this.view.hook(lane.hookId);
    if (hook?.enabled && hook.enabledEpoch > lane.health.enabledEpoch) {
      // What was announced in the epoch before counts there.
      lane.announced = [];
      this.rules.enterEpoch(lane, hook);
    }
    if (this.rules.mustLeave(lane, hook)) return this.leave(lane);
    const obstacle = hook ? this.view.obstacle(lane) : 'hook-version';
    if (!hook || obstacle !== '') {
      lane.waitsFor = obstacle || 'hook-version';
      return false;
    }
    if (lane.orders !== null && lane.orders.skips.length > 0) this.skipByCommand(lane, lane.orders.skips);
    const timing = this.rules.timing(lane, hook);
    if (timing !== '') {
      lane.waitsFor = timing;
      return false;
    }
    const disable = this.view.disableRules(hook);
    const starting = this.gather(lane, hook, disable);
    if (starting.length > 0) {
      this.launch(lane, hook, disable, starting);
      return false;
    }
    if (lane.keyed.heads.size > 0 || lane.live.length > 0 || lane.spilled) return false;
    lane.keyed = null as never;
    return true;
  }

  begin(lane: Lane): void {
    if (!isOpen(lane)) return;
    const head = lane.keyed.slots.shift();
    const hook = this.view.hook(lane.hookId);
    if (!head) {
      this.effects.releaseSlot(lane);
      return;
    }
    const mayGo = hook && lane.phase === 'idle' && hook.enabledEpoch <= lane.health.enabledEpoch && !this.rules.mustLeave(lane, hook) && this.view.obstacle(lane) === '' && this.rules.timing(lane, hook) === '' && this.mayGo(lane, hook, head);
    if (!mayGo || !head.delivery) {
      this.back(lane, head);
      this.effects.releaseSlot(lane);
      this.again(lane);
      return;
    }
    head.phase = 'sending';
    lane.waitsFor = '';
    this.effects.send(lane, head.delivery, (head.health?.attempts ?? 0) + 1);
  }

  healthOf(lane: Lane, delivery: Delivery): LaneHealth {
    return { ...lane.health, head: lane.keyed?.headOf(delivery)?.health ?? null };
  }

  settled(lane: Lane, decision: AttemptDecision, delivery: Delivery): void {
    const head = this.headOf(lane, delivery);
    this.ended(lane, head);
    lane.health = { ...decision.health, head: null };
    if (decision.fate === 'delivered' && chargedFailures(lane.health) === 0) {
      // Whatever else is under way is announced by nothing but the width from here on.
      lane.width = Math.max(lane.width, lane.announced.length);
      lane.announced = [];
    }
    if (isOpen(lane)) this.places.passed(lane, head);
  }

  failed(lane: Lane, decision: AttemptDecision, delivery: Delivery): void {
    const head = this.headOf(lane, delivery);
    this.ended(lane, head);
    const { nextAttemptAtMs } = lane.health;
    const known = decision.health.head;
    lane.health = { ...decision.health, head: null };
    if (decision.scope === 'delivery') lane.health.nextAttemptAtMs = decision.health.unavailableStep === 0 ? 0 : nextAttemptAtMs;
    // The row must name all that is under way: it is what a new owner counts as failed.
    lane.announced = lane.keyed?.offsetsInFlight() ?? [];
    const isPending = decision.fate === 'pending' && known !== null;
    if (isPending) {
      head.health = known;
      head.dueMs = decision.scope === 'delivery' ? decision.nextAttemptAtMs : 0;
      (lane.headWrites ??= new Map()).set(head.offset, JSON.stringify({ key: head.key, health: head.health, dueMs: head.dueMs }));
      this.places.block(lane, head);
      // The hook is away: nothing of it needs memory.
      if (decision.scope === 'hook') this.memory.spill(lane, 0);
    } else if (head.health) {
      (lane.headWrites ??= new Map()).set(head.offset, '');
      head.health = null;
    }
  }

  recorded(lane: Lane, delivery: Delivery, isFinal: boolean): void {
    const head = lane.keyed?.headOf(delivery);
    if (!head) return;
    if (!isFinal) {
      if (head.dueMs > 0) this.effects.wake(lane, head.dueMs);
    } else if (isOpen(lane)) {
      this.places.passed(lane, head);
    }
  }

  notStarted(lane: Lane, delivery: Delivery): void {
    this.back(lane, this.headOf(lane, delivery));
  }

  /** @returns the heads that may go out now */
  announced(lane: Lane): readonly KeyHead[] {
    if (!lane.keyed) return [];
    return [...lane.keyed.heads.values()].filter(({ phase }) => phase === 'announcing');
  }

  start(lane: Lane, heads: readonly KeyHead[]): void {
    if (!lane.keyed) return;
    for (const head of heads) {
      head.phase = 'queued';
      lane.keyed.slots.push(head);
    }
    for (let n = 0; n < heads.length; n += 1) this.effects.requestSlot(lane);
  }

  loaded(lane: Lane, head: KeyHead, page: readonly Delivery[] | null): void {
    this.places.loaded(lane, head, page);
  }

  aged(lane: Lane, limitMs: number): void {
    if (isOpen(lane)) this.places.aged(lane, limitMs);
  }

  private leave(lane: Keyed): boolean {
    if (lane.keyed.inFlight > 0) {
      lane.waitsFor = 'answer';
      return false;
    }
    lane.mustRewind = true;
    return true;
  }

  /**
   * How many may be under way. At most so many that the failure of all leaves one attempt to find out more: what is under way when its owner dies counts as failed (exactly N),
   * and a crash alone shall disable no hook. One probe at a time while the hook is away.
   */
  capacity(lane: Lane, hook: HookChanged, disable: DisableRules): number {
    const most = this.view.maxInFlight(lane, hook);
    if (lane.health.unavailableStep > 0) return 1;
    return disable.limit === 0 ? most : Math.min(most, Math.max(1, disable.limit - chargedFailures(lane.health) - 1));
  }

  private mayGo(lane: Keyed, hook: HookChanged, head: KeyHead): boolean {
    const disable = this.view.disableRules(hook);
    if (lane.keyed.inFlight > this.capacity(lane, hook, disable)) return false;
    return !mustAnnounce(lane.health, disable) || lane.announced.includes(head.offset);
  }

  private gather(lane: Keyed, hook: HookChanged, disable: DisableRules): KeyHead[] {
    const starting: KeyHead[] = [];
    const { keyed } = lane;
    while (keyed.inFlight < this.capacity(lane, hook, disable)) {
      const head = this.candidate(lane, hook);
      if (!head) break;
      head.phase = 'announcing';
      keyed.inFlight += 1;
      starting.push(head);
    }
    return starting;
  }

  /** Charge-first, for several at once. Where nothing has failed yet it is enough that the row says how many there may be. */
  private launch(lane: Keyed, hook: HookChanged, disable: DisableRules, starting: readonly KeyHead[]): void {
    const isCounted = mustAnnounce(lane.health, disable);
    const isWider = disable.limit > 0 && !isCounted && lane.keyed.inFlight > Math.max(1, lane.width);
    if (isCounted) lane.announced = lane.keyed.offsetsInFlight();
    else if (isWider) lane.width = this.capacity(lane, hook, disable);
    if (!isCounted && !isWider) {
      this.start(lane, starting);
      return;
    }
    lane.phase = 'announcing';
    lane.hasRow = true;
    this.effects.announce(lane);
  }

  /** The next head that may go out; what is due comes before what is new. */
  private candidate(lane: Keyed, hook: HookChanged): KeyHead | undefined {
    const ready = lane.keyed.ready.shift();
    if (ready) return ready;
    this.loadDue(lane, hook);
    return this.pull(lane, hook);
  }

  private loadDue(lane: Keyed, hook: HookChanged): void {
    const { keyed } = lane;
    const nowMs = this.view.nowMs();
    if (keyed.nextDueMs > nowMs) return;
    let room = this.capacity(lane, hook, this.view.disableRules(hook)) - keyed.inFlight;
    for (const { phase } of keyed.heads.values()) if (phase === 'loading') room -= 1;
    let next = Infinity;
    for (const head of keyed.heads.values()) {
      if (head.phase !== 'waiting' || !head.isSeen) continue;
      if (head.dueMs > nowMs || head.parksPending > 0 || room <= 0) {
        next = Math.min(next, head.dueMs);
        continue;
      }
      room -= 1;
      this.load(lane, head);
    }
    keyed.nextDueMs = next;
    if (next > nowMs && next < Infinity) this.effects.wake(lane, next);
  }

  private load(lane: Keyed, head: KeyHead): void {
    head.phase = 'loading';
    const isAlone = lane.keyed.order === 'none';
    this.effects.loadKey(lane, head, head.drainedTo, isAlone ? head.offset : lane.keyed.pulledTo);
  }

  /** Takes from the line until there is a delivery whose key is free. The others go behind the head of theirs. */
  private pull(lane: Keyed, hook: HookChanged): KeyHead | undefined {
    const { keyed } = lane;
    for (;;) {
      const delivery = lane.live.first();
      if (!delivery) {
        lane.waitsFor = keyed.inFlight > 0 ? 'answer' : keyed.heads.size > 0 ? 'retry' : '';
        if (lane.spilled) this.memory.refill(lane);
        else if (keyed.unseen > 0) this.forgetHeads(lane, keyed.forgetUnseen());
        return undefined;
      }
      this.memory.prefetch(lane);
      if (hook.version < delivery.hookVersion) {
        lane.waitsFor = 'hook-version';
        return undefined;
      }
      const key = keyed.keyOf(delivery);
      const isBarred = this.concludes(lane, hook, delivery);
      this.forgetOvertaken(lane, keyed.heads.get(key), delivery.request.offset, isBarred);
      const head = keyed.heads.get(key);
      if (!head && !isBarred && keyed.heads.size >= MAX_HEADS && keyed.unseen === 0) {
        lane.waitsFor = 'blocked-keys';
        return undefined;
      }
      lane.live.shift();
      keyed.pulledTo = delivery.request.offset;
      if (isBarred) this.places.barred(lane, delivery);
      else if (head && this.places.follow(lane, head, delivery)) this.effects.wake(lane, head.dueMs);
      else if (!head) return keyed.add(key, delivery.request.offset, delivery, 'ready');
    }
  }

  /** A head that failed before the overlay was made, and that the line has not met: a lower one of its key comes first, as after a crash or a change of the order, or it has its fate now. */
  private forgetOvertaken(lane: Keyed, head: KeyHead | undefined, offset: number, isBarred: boolean): void {
    if (!head || head.isSeen || (isBarred ? offset !== head.offset : offset >= head.offset)) return;
    lane.keyed.forget(head);
    this.forgetHeads(lane, [head.offset]);
  }

  /** @returns whether it never goes out, and has its fate */
  private concludes(lane: Keyed, hook: HookChanged, delivery: Delivery): boolean {
    if (hook.tenantId !== delivery.request.tenantId) this.effects.conclude(lane, delivery, 'discarded', 'tenant-mismatch');
    else if ((lane.orders !== null || hook.catchUpEpoch !== 0) && orderedState(lane.orders, hook, delivery) === 'stale-catch-up') this.effects.conclude(lane, delivery, 'skipped', 'disabled');
    else return false;
    return true;
  }

  /** What a command skips is read from Postgres first, if it is there. */
  private skipByCommand(lane: Keyed, skips: readonly number[]): void {
    for (const offset of skips) {
      const head = lane.keyed.headAt(offset);
      if (head?.phase === 'waiting' && head.isSeen && head.parksPending === 0) this.load(lane, head);
      if (head?.phase !== 'ready' || !head.delivery) continue;
      this.effects.conclude(lane, head.delivery, 'skipped', 'by-command');
      lane.keyed.ready.remove(head);
      this.places.passed(lane, head);
      this.effects.saveRow(lane);
    }
  }

  private back(lane: Lane, head: KeyHead): void {
    if (!lane.keyed) return;
    lane.keyed.inFlight -= 1;
    lane.announced = lane.announced.filter((offset) => offset !== head.offset);
    lane.keyed.isReady(head);
  }

  private ended(lane: Lane, head: KeyHead): void {
    if (!lane.keyed) return;
    lane.keyed.inFlight -= 1;
    head.phase = 'waiting';
    lane.announced = lane.announced.filter((offset) => offset !== head.offset);
  }

  private headOf(lane: Lane, delivery: Delivery): KeyHead {
    const head = lane.keyed?.headOf(delivery);
    if (!head) throw new Error(`no head at ${delivery.request.offset} of ${lane.hookId}`);
    return head;
  }
}

function isOpen(lane: Lane): lane is Keyed {
  return lane.keyed !== null && isKeyed(lane.keyed.order);
}
