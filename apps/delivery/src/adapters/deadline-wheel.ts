/** Something with a total deadline. The wheel keeps its place in `deadlineSlot`. */
export interface Deadlined {
  deadlineSlot: Set<Deadlined> | null;
  expired(): void;
}

const TICK_MS = 50;

/**
 * Deadlines for many requests with one timer: a slot for each 50 ms. An AbortSignal for each request costs 35 % of the sending (stack.md 5),
 * and undici's own timeouts are seconds coarse and start anew with every byte, so that a dripping receiver never trips them.
 */
export class DeadlineWheel {
  private readonly slots = new Map<number, Set<Deadlined>>();
  private readonly timer: NodeJS.Timeout;
  private turned: number;

  constructor(private readonly monotonicMs: () => number) {
    this.turned = this.slotOf(monotonicMs());
    // Behind the sockets of the same turn: timers run before them, and after a standstill (SIGSTOP, a frozen machine) answers that came in time lie unread.
    this.timer = setInterval(() => setImmediate(() => this.turn()), TICK_MS);
    this.timer.unref();
  }

  add(item: Deadlined, timeoutMs: number): void {
    // One slot later: never early.
    const at = this.slotOf(this.monotonicMs() + timeoutMs) + 1;
    let slot = this.slots.get(at);
    if (!slot) {
      slot = new Set();
      this.slots.set(at, slot);
    }
    slot.add(item);
    item.deadlineSlot = slot;
  }

  remove(item: Deadlined): void {
    item.deadlineSlot?.delete(item);
    item.deadlineSlot = null;
  }

  close(): void {
    clearInterval(this.timer);
    this.slots.clear();
  }

  private turn(): void {
    const now = this.slotOf(this.monotonicMs());
    for (; this.turned <= now; this.turned += 1) {
      const slot = this.slots.get(this.turned);
      if (!slot) continue;
      this.slots.delete(this.turned);
      for (const item of slot) {
        item.deadlineSlot = null;
        item.expired();
      }
    }
  }

  private slotOf(ms: number): number {
    return Math.floor(ms / TICK_MS);
  }
}
