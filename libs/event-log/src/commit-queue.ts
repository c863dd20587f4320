import type { CommittedPosition } from './event-log.js';

/**
 * Coalesces commits: one under way at a time, the newest position of a partition wins, at most one call in `intervalMs`.
 * A failed commit is only reported: a position that was not stored costs repeats after a restart, and the next commit covers it.
 */
export class CommitQueue {
  private readonly waiting = new Map<string, CommittedPosition>();
  private underWay: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly commit: (positions: readonly CommittedPosition[]) => Promise<void>,
    private readonly intervalMs: number,
    private readonly failed: (error: unknown) => void,
  ) {}

  add(position: CommittedPosition): void {
    this.waiting.set(`${position.partition}\0${position.topic}`, position);
    if (this.underWay === null && this.timer === null) void this.send();
  }

  /** Resolves when everything added so far was tried once. */
  async flush(): Promise<void> {
    if (this.underWay) await this.underWay;
    if (this.waiting.size > 0) await this.send();
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.waiting.clear();
  }

  private send(): Promise<void> {
    const positions = [...this.waiting.values()];
    this.waiting.clear();
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const sent = this.commit(positions)
      .catch(this.failed)
      .then(() => {
        this.underWay = null;
        this.timer = setTimeout(() => {
          this.timer = null;
          if (this.waiting.size > 0 && this.underWay === null) void this.send();
        }, this.intervalMs);
        this.timer.unref();
      });
    this.underWay = sent;
    return sent;
  }
}
