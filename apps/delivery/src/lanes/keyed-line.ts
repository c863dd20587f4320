import type { HeadHealth } from '../attempt/lane-health.js';
import type { Delivery } from './delivery.js';
import { Queue } from './queue.js';

export type KeyedOrder = 'fifo-per-key' | 'none';

/** More keys that wait, and the hook waits: each costs memory for as long as it does. */
export const MAX_HEADS = 1_000;
/** Deliveries of one key that wait in memory behind its head; the others do so in Postgres. */
export const MAX_FOLLOWERS = 16;

/** What is known of a delivery that failed and waits, besides its row. Plain data: it is kept in Postgres. */
export interface KeyedHealth {
  readonly key: string;
  readonly health: HeadHealth;
  /** Postgres time in milliseconds before which it is not tried again; 0: it waits for the hook. */
  readonly dueMs: number;
}

/**
 * The first delivery of one key. `waiting`: it failed, and is nowhere but in Postgres. `loading`: comes back from there. `ready`: may go out.
 * `announcing`, `queued`, `sending`: under way, as with a lane.
 */
export interface KeyHead {
  readonly key: string;
  offset: number;
  delivery: Delivery | null;
  phase: 'waiting' | 'loading' | 'ready' | 'announcing' | 'queued' | 'sending';
  /** Null: it had no attempt. */
  health: HeadHealth | null;
  dueMs: number;
  /** Later ones of the key that are in memory, in order. */
  readonly followers: Delivery[];
  /** Rows of the key up to here are, or were, in memory. */
  drainedTo: number;
  /** The highest offset of the key that waits in Postgres behind the head; -1: none. */
  parkedMax: number;
  /** Rows of the key that are on their way there. */
  parksPending: number;
  /** False after a take-over, until the line has come by it: before, nobody knows whether what stands below is settled. */
  isSeen: boolean;
}

/**
 * The overlay of a line whose order is kept by key, or not at all (then every delivery is a key of its own): who is under way, and who failed and waits.
 * What was pulled from the line is here or has its fate; rows up to `pulledTo` belong to heads, and the others to the line.
 */
export class KeyedLine {
  readonly heads = new Map<string, KeyHead>();
  readonly ready = new Queue<KeyHead>();
  /** They wait for their slot. */
  readonly slots = new Queue<KeyHead>();
  /** Offsets that were taken from the line with their fate, and whose rows are still there: who reads a key must not meet them again. */
  readonly barred = new Set<number>();
  /** Heads that are announcing, queued or sending. */
  inFlight = 0;
  unseen = 0;
  /** No waiting head is due before. */
  nextDueMs = Infinity;

  constructor(
    readonly order: KeyedOrder,
    public pulledTo: number,
  ) {}

  keyOf({ request }: Delivery): string {
    return this.order === 'none' ? String(request.offset) : request.event.orderingKey;
  }

  headOf(delivery: Delivery): KeyHead | undefined {
    const head = this.heads.get(this.keyOf(delivery));
    return head?.offset === delivery.request.offset ? head : undefined;
  }

  headAt(offset: number): KeyHead | undefined {
    for (const head of this.heads.values()) if (head.offset === offset) return head;
    return undefined;
  }

  add(key: string, offset: number, delivery: Delivery | null, phase: KeyHead['phase']): KeyHead {
    const head: KeyHead = { key, offset, delivery, phase, health: null, dueMs: 0, followers: [], drainedTo: offset, parkedMax: -1, parksPending: 0, isSeen: true };
    this.heads.set(key, head);
    return head;
  }

  /** A head that failed before this overlay was made. Its delivery is still to come. @returns false where a lower one has its key, as after a change of the order */
  remember(offset: number, known: KeyedHealth): boolean {
    const { health, dueMs } = known;
    const key = this.order === 'none' ? String(offset) : known.key;
    if (this.heads.has(key)) return false;
    const head = this.add(key, offset, null, 'waiting');
    Object.assign(head, { health, dueMs, drainedTo: offset - 1, isSeen: false });
    this.unseen += 1;
    return true;
  }

  /** The line has come by all that there is: those that it has not met are settled. @returns their offsets */
  forgetUnseen(): number[] {
    const offsets: number[] = [];
    for (const head of this.heads.values()) {
      if (head.isSeen || head.offset > this.pulledTo) continue;
      offsets.push(head.offset);
      this.forget(head);
    }
    return offsets;
  }

  /** One that the line has not met. */
  forget(head: KeyHead): void {
    this.heads.delete(head.key);
    this.unseen -= 1;
  }

  offsetsInFlight(): number[] {
    const offsets: number[] = [];
    for (const { phase, offset } of this.heads.values()) if (phase === 'announcing' || phase === 'queued' || phase === 'sending') offsets.push(offset);
    return offsets;
  }

  waits(head: KeyHead): void {
    head.phase = 'waiting';
    this.nextDueMs = Math.min(this.nextDueMs, head.dueMs);
  }

  isReady(head: KeyHead): void {
    head.phase = 'ready';
    this.ready.push(head);
  }

  /** Of what failed and waits. */
  get blocked(): number {
    let count = 0;
    for (const { health, phase } of this.heads.values()) if (health !== null && (phase === 'waiting' || phase === 'loading')) count += 1;
    return count;
  }
}

export function isKeyed(order: string): order is KeyedOrder {
  return order === 'fifo-per-key' || order === 'none';
}
