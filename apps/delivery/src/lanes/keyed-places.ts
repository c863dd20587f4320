import { MAX_FOLLOWERS, type KeyedLine, type KeyHead } from './keyed-line.js';
import type { Delivery, Lane } from './lane.js';
import type { LaneMemory } from './lane-memory.js';

/** A lane with its overlay; without one it is a straight line. */
export type Keyed = Lane & { keyed: KeyedLine };

/** Where the deliveries of a lane with several heads wait: in memory behind the head of their key, or in Postgres. */
export class KeyedPlaces {
  constructor(private readonly memory: LaneMemory) {}

  /** The rows of one key, from its head on; null: they could not be read. */
  loaded(lane: Lane, head: KeyHead, page: readonly Delivery[] | null): void {
    if (lane.keyed?.heads.get(head.key) !== head || head.phase !== 'loading') return;
    if (page === null) {
      lane.keyed.waits(head);
      return;
    }
    for (const delivery of page) {
      head.drainedTo = delivery.request.offset;
      if (lane.keyed.barred.has(delivery.request.offset)) continue;
      this.memory.hold(lane, delivery);
      head.followers.push(delivery);
    }
    if (page.length === 0) head.drainedTo = Math.max(head.drainedTo, head.parkedMax);
    const first = head.followers.shift();
    // Removed by hand; or a lower one of the key was lost with the last owner and comes first now, as after a change of the order.
    if (first?.request.offset !== head.offset) forgetHealth(lane, head);
    if (!first) {
      head.dueMs = 0;
      this.next(lane as Keyed, head);
      return;
    }
    head.offset = first.request.offset;
    head.delivery = first;
    lane.keyed.isReady(head);
  }

  /** What is older than `limitMs` goes to Postgres. */
  aged(lane: Keyed, limitMs: number): void {
    for (const head of lane.keyed.heads.values()) {
      const { delivery, followers } = head;
      if (delivery && delivery.row === 'none' && delivery.arrivedAtMs <= limitMs) this.parkBehind(lane, head, [delivery]);
      const first = followers.find(({ row }) => row === 'none');
      if (first && first.arrivedAtMs <= limitMs) this.behind(lane, head, followers.splice(0));
    }
    for (const delivery of lane.live) {
      if (delivery.row !== 'none') continue;
      if (delivery.arrivedAtMs <= limitMs) this.memory.spill(lane, 0);
      break;
    }
  }

  /** Behind the head of its key. @returns whether it is the head itself, which failed before the overlay was made: from here on it may come due */
  follow(lane: Keyed, head: KeyHead, delivery: Delivery): boolean {
    if (head.offset === delivery.request.offset) {
      head.isSeen = true;
      lane.keyed.unseen -= 1;
      this.memory.leave(lane, delivery);
      this.parkBehind(lane, head, [delivery]);
      lane.keyed.waits(head);
      return true;
    }
    const isInMemory = head.delivery !== null && head.parkedMax <= head.drainedTo && head.followers.length < MAX_FOLLOWERS;
    if (isInMemory) {
      head.followers.push(delivery);
      head.drainedTo = delivery.request.offset;
    } else {
      this.behind(lane, head, [delivery]);
    }
    return false;
  }

  /** They wait in Postgres, behind the head. */
  private behind(lane: Lane, head: KeyHead, deliveries: readonly Delivery[]): void {
    const first = deliveries[0];
    if (!first) return;
    head.drainedTo = Math.min(head.drainedTo, first.request.offset - 1);
    for (const delivery of deliveries) {
      head.parkedMax = Math.max(head.parkedMax, delivery.request.offset);
      this.memory.leave(lane, delivery);
    }
    this.parkBehind(lane, head, deliveries);
  }

  /** Those without a row get one; the head waits for those that are on their way. */
  private parkBehind(lane: Lane, head: KeyHead, deliveries: readonly Delivery[]): void {
    const rows: Delivery[] = [];
    for (const delivery of deliveries) {
      if (delivery.row === 'queued') {
        if (delivery.behind) delivery.behind.parksPending -= 1;
        head.parksPending += 1;
      } else if (delivery.row === 'none') {
        rows.push(delivery);
      } else {
        continue;
      }
      delivery.behind = head;
    }
    if (rows.length > 0) this.memory.park(lane, rows);
  }

  /** It failed: it and what is behind it wait in Postgres. */
  block(lane: Lane, head: KeyHead): void {
    const { delivery } = head;
    head.delivery = null;
    if (delivery) this.behind(lane, head, [delivery, ...head.followers.splice(0)]);
    head.drainedTo = head.offset - 1;
    lane.keyed?.waits(head);
  }

  /** The head has its fate: the next of its key is its head. */
  passed(lane: Keyed, head: KeyHead): void {
    if (head.delivery) this.memory.gone(lane, head.delivery);
    forgetHealth(lane, head);
    head.dueMs = 0;
    head.delivery = head.followers.shift() ?? null;
    if (head.delivery) {
      head.offset = head.delivery.request.offset;
      lane.keyed.isReady(head);
    } else {
      this.next(lane, head);
    }
  }

  /** Taken from the line, it has its fate. */
  barred(lane: Keyed, delivery: Delivery): void {
    if (delivery.row !== 'none') lane.keyed.barred.add(delivery.request.offset);
    this.memory.gone(lane, delivery);
  }

  /** Nothing of the key is in memory: what is in Postgres comes next, if there is anything. */
  private next({ keyed }: Keyed, head: KeyHead): void {
    if (head.parkedMax > head.drainedTo) keyed.waits(head);
    else keyed.heads.delete(head.key);
  }
}

/** Its row goes with the next one of the lane. */
function forgetHealth(lane: Lane, head: KeyHead): void {
  if (head.health === null) return;
  (lane.headWrites ??= new Map()).set(head.offset, '');
  lane.hasRow = true;
  head.health = null;
}
