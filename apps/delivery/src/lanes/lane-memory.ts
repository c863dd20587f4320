import { isCatchUp, withoutSkip } from './lane-orders.js';
import type { Delivery, Lane, WaitingRoom } from './lane.js';
import { forgetReplay } from './pending-replays.js';
import type { LaneEffects, LaneLimits, LaneView } from './lane-world.js';

const PREFETCH_BELOW = 64;

/** Where the deliveries of lanes are: in memory, in Postgres, or on the way. The lane machine decides; this keeps the books. */
export class LaneMemory {
  /** What all lanes hold in memory. */
  liveBytes = 0;
  liveRecords = 0;

  constructor(
    private readonly view: LaneView,
    private readonly effects: LaneEffects,
    readonly limits: LaneLimits,
  ) {}

  take(lane: Lane, delivery: Delivery): void {
    lane.live.push(delivery);
    this.count(lane, 1, delivery.request.encoded.length);
    lane.drainedTo = Math.max(lane.drainedTo, delivery.request.offset);
  }

  isFull(lane: Lane): boolean {
    const records = this.view.isMemoryShort() ? this.limits.recordsWhenShort : this.limits.records;
    return lane.live.length >= records || lane.liveBytes >= this.limits.bytes;
  }

  /** The first of the line has its fate. */
  drop(lane: Lane): void {
    const gone = lane.live.shift();
    if (gone) this.gone(lane, gone);
  }

  /** A delivery in memory has its fate. */
  gone(lane: Lane, delivery: Delivery): void {
    this.count(lane, -1, -delivery.request.encoded.length);
    if (delivery.row !== 'none') this.leaves(lane, delivery.request.offset, isCatchUp(delivery));
    if (lane.replays !== null) forgetReplay(lane, delivery.request.offset, delivery.request.eventId);
    if (lane.orders !== null && lane.orders.skips.length > 0) lane.orders = withoutSkip(lane.orders, delivery.request.offset);
  }

  /** The same of one that stands anywhere in a straight line. @returns it, where it was in memory @param isParked its row is in Postgres, or on its way there, where it is not in memory */
  settledElsewhere(lane: Lane, offset: number, isParked: boolean, isOfCatchUp: boolean): Delivery | undefined {
    for (const delivery of lane.live) {
      if (delivery.request.offset !== offset) continue;
      lane.live.remove(delivery);
      this.gone(lane, delivery);
      return delivery;
    }
    if (isParked) this.leaves(lane, offset, isOfCatchUp);
    forgetReplay(lane, offset);
    return undefined;
  }

  private leaves(lane: Lane, offset: number, isOfCatchUp: boolean): void {
    lane.parkedCount -= 1;
    lane.leaving += 1;
    lane.goneMax = Math.max(lane.goneMax, offset);
    if (isOfCatchUp) lane.parkedExempt -= 1;
    if (lane.parkedCount === 0) lane.oldestParkedAtMs = 0;
  }

  /** It is in memory again, outside the line. */
  hold(lane: Lane, delivery: Delivery): void {
    this.count(lane, 1, delivery.request.encoded.length);
  }

  /** It leaves memory; its row is there, or on its way. */
  leave(lane: Lane, delivery: Delivery): void {
    this.count(lane, -1, -delivery.request.encoded.length);
  }

  park(lane: Lane, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      delivery.row = 'queued';
      if (delivery.spilling) lane.spillsPending += 1;
      if (delivery.behind) delivery.behind.parksPending += 1;
      else lane.parkedMax = Math.max(lane.parkedMax, delivery.request.offset);
      if (lane.oldestParkedAtMs === 0) lane.oldestParkedAtMs = delivery.request.event.acceptedAtMs;
      if (isCatchUp(delivery)) lane.parkedExempt += 1;
    }
    lane.parkedCount += deliveries.length;
    lane.parksPending += deliveries.length;
    this.effects.park(lane, deliveries);
  }

  /** Waits for the end of a catch-up, outside the line. */
  parkAside(lane: Lane, delivery: Delivery): void {
    if (lane.durableCatchUp !== lane.orders?.catchUp?.epoch) {
      lane.asides.push(delivery);
      this.hold(lane, delivery);
      return;
    }
    const { offset } = delivery.request;
    const room = (lane.waiting ??= { count: 0, lowest: offset, highest: offset });
    room.count += 1;
    room.lowest = Math.min(room.lowest, offset);
    room.highest = Math.max(room.highest, offset);
    delivery.row = 'queued';
    lane.parksPending += 1;
    this.effects.park(lane, [delivery]);
  }

  /** The lane's row knows of the catch-up. */
  parkAsides(lane: Lane, epoch: number): void {
    lane.durableCatchUp = epoch;
    if (lane.orders?.catchUp?.epoch !== epoch) return;
    for (const delivery of lane.asides.splice(0)) {
      this.leave(lane, delivery);
      this.parkAside(lane, delivery);
    }
  }

  /** Another catch-up has begun: what waited for the end of the one before is a part of the line again, as soon as that is read anew. What comes from now on waits for this one's. */
  overtake(lane: Lane): void {
    const { waiting, joining } = lane;
    if (waiting) {
      lane.joining = joining ? { count: joining.count + waiting.count, lowest: Math.min(joining.lowest, waiting.lowest), highest: Math.max(joining.highest, waiting.highest) } : waiting;
      lane.waiting = null;
    }
    lane.overtaken.push(...lane.asides.splice(0));
    if (lane.joining !== null || lane.overtaken.length > 0) lane.mustRewind = true;
  }

  /** Rows are stored. */
  parked(lane: Lane, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      if (delivery.row === 'queued') delivery.row = 'stored';
      if (delivery.spilling) lane.spillsPending -= 1;
      delivery.spilling = false;
      if (delivery.behind) delivery.behind.parksPending -= 1;
      delivery.behind = null;
    }
    lane.parksPending -= deliveries.length;
    lane.parksStored += deliveries.length;
    lane.parkCommits += 1;
    lane.isDry = false;
  }

  /** The line leaves memory, but for its first `keep`, which get a row, too. */
  spill(lane: Lane, keep: 0 | 1): void {
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
    for (const delivery of lane.live.truncate(keep)) this.leave(lane, delivery);
    lane.drainedTo = keep === 1 ? head.request.offset : (lane.keyed as NonNullable<Lane['keyed']>).pulledTo;
    lane.spilled = true;
    lane.loadToken += 1;
    if (rows.length > 0) this.park(lane, rows);
  }

  /** Reads on before what is in memory of the line is used up. */
  prefetch(lane: Lane): void {
    if (lane.spilled && lane.live.length < PREFETCH_BELOW) this.refill(lane);
  }

  /** Asks for the rows that follow, where the line goes on in Postgres and they may be read. */
  refill(lane: Lane): void {
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
    if (lane.isLoading || lane.isDry || lane.spillsPending > 0 || lane.parksStored < lane.rereadFrom) return;
    // What has its fate must not come again.
    if (lane.leaving > 0 && lane.drainedTo < lane.goneMax) return;
    lane.isLoading = true;
    this.effects.load(lane, lane.loadToken, lane.parkCommits);
  }

  loaded(lane: Lane, page: readonly Delivery[], readTo: number, token: number, commits: number): void {
    lane.isLoading = false;
    if (token !== lane.loadToken) return;
    const isEmpty = readTo <= lane.drainedTo;
    for (const delivery of page) this.take(lane, delivery);
    lane.drainedTo = Math.max(lane.drainedTo, readTo);
    // Nothing is stored beyond, and nothing was on its way while the page was read: the rest was removed by hand.
    if (isEmpty && commits === lane.parkCommits && lane.parksPending === 0) lane.drainedTo = lane.parkedMax;
    lane.isDry = isEmpty && commits === lane.parkCommits && lane.parksPending > 0;
    if (lane.drainedTo >= lane.parkedMax) lane.spilled = false;
  }

  /**
   * Nothing is under way: everything in memory goes to Postgres, and the line is straight again and read from its lowest row. What is known of failed deliveries is remembered.
   */
  rewind(lane: Lane): void {
    const { keyed } = lane;
    let lowest = Infinity;
    let highest = Math.max(lane.parkedMax, lane.drainedTo);
    const rows: Delivery[] = [];
    const held: Delivery[] = [...lane.live, ...lane.overtaken.splice(0)];
    for (const head of keyed?.heads.values() ?? []) {
      lowest = Math.min(lowest, head.offset);
      highest = Math.max(highest, head.parkedMax, head.offset);
      if (head.delivery) held.push(head.delivery);
      held.push(...head.followers);
      if (head.health) (lane.remembered ??= new Map()).set(head.offset, { key: head.key, health: head.health, dueMs: head.dueMs });
    }
    lane.keyed = null;
    for (const delivery of held) {
      lowest = Math.min(lowest, delivery.request.offset);
      highest = Math.max(highest, delivery.request.offset);
      this.leave(lane, delivery);
      if (delivery.row !== 'none') continue;
      delivery.spilling = true;
      rows.push(delivery);
    }
    lane.live.truncate(0);
    if (lane.spilled) lowest = Math.min(lowest, lane.drainedTo + 1);
    if (rows.length > 0) this.park(lane, rows.sort((a, b) => a.request.offset - b.request.offset));
    if (lane.parkedCount > 0) this.readAgain(lane, lowest - 1, highest);
  }

  /** What waited outside the line joins it: the line has become empty. */
  join(lane: Lane): void {
    const { waiting } = lane;
    lane.waiting = null;
    this.joinRoom(lane, waiting);
  }

  /** The line is about to be read again. */
  joinOvertaken(lane: Lane): void {
    const { joining } = lane;
    lane.joining = null;
    this.joinRoom(lane, joining);
  }

  private joinRoom(lane: Lane, room: WaitingRoom | null): void {
    if (!room) return;
    lane.parkedCount += room.count;
    this.readAgain(lane, Math.min(room.lowest - 1, lane.spilled ? lane.drainedTo : Infinity), Math.max(room.highest, lane.parkedMax));
  }

  private readAgain(lane: Lane, after: number, to: number): void {
    lane.spilled = true;
    lane.drainedTo = after;
    lane.parkedMax = to;
    lane.loadToken += 1;
    lane.isDry = false;
    // Rows are stored in the order in which they were given away: those that were are there when so many are.
    lane.rereadFrom = lane.parksStored + lane.parksPending;
  }

  forget(lane: Lane): void {
    let records = lane.live.length + lane.asides.length + lane.overtaken.length;
    lane.live.truncate(0);
    for (const { delivery, followers } of lane.keyed?.heads.values() ?? []) records += followers.length + (delivery ? 1 : 0);
    this.count(lane, -records, -lane.liveBytes);
  }

  private count(lane: Lane, records: number, bytes: number): void {
    lane.liveBytes += bytes;
    this.liveBytes += bytes;
    this.liveRecords += records;
  }
}
