/** What is due when, or whose turn is next: a binary heap. An entry that has become pointless is left in it; whoever takes it looks again. */
export class DueQueue<T> {
  private readonly heap: { readonly atMs: number; readonly item: T }[] = [];

  get size(): number {
    return this.heap.length;
  }

  add(atMs: number, item: T): void {
    const { heap } = this;
    heap.push({ atMs, item });
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.atMs <= heap[at]!.atMs) break;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
  }

  /** The earliest entry, which stays. */
  first(): { readonly atMs: number; readonly item: T } | undefined {
    return this.heap[0];
  }

  /** @returns an item that is due at `nowMs`, the earliest first, or undefined */
  take(nowMs: number): T | undefined {
    const { heap } = this;
    const top = heap[0];
    if (!top || top.atMs > nowMs) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.sink();
    }
    return top.item;
  }

  private sink(): void {
    const { heap } = this;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < heap.length && heap[left]!.atMs < heap[least]!.atMs) least = left;
      if (right < heap.length && heap[right]!.atMs < heap[least]!.atMs) least = right;
      if (least === at) return;
      [heap[least], heap[at]] = [heap[at]!, heap[least]!];
      at = least;
    }
  }
}
