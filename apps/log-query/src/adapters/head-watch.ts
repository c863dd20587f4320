import type { Head } from '../ports.js';

/** Other instances write too; this often we look how far they are, while somebody waits. */
const LOOK_EVERY_MS = 250;

/** Knows the newest number by this process's own flushes, at once, and by looking, for those of others. */
export class HeadWatch implements Head {
  private newest = 0;
  private readonly waiting = new Set<() => void>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly lastSeq: () => Promise<number>) {}

  flushed(lastSeq: number): void {
    if (lastSeq <= this.newest) return;
    this.newest = lastSeq;
    for (const wake of this.waiting) wake();
  }

  async now(): Promise<number> {
    this.flushed(await this.lastSeq());
    return this.newest;
  }

  async beyond(seq: number, timeoutMs: number, signal: AbortSignal): Promise<number | null> {
    if (this.newest > seq) return this.newest;
    return await new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timeout);
        signal.removeEventListener('abort', done);
        this.waiting.delete(wake);
        resolve(this.newest > seq ? this.newest : null);
      };
      const wake = (): void => {
        if (this.newest > seq) done();
      };
      const timeout = setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done);
      this.waiting.add(wake);
      if (signal.aborted) done();
      else this.look();
    });
  }

  private look(): void {
    this.timer ??= setTimeout(() => {
      void this.now()
        // The database is away: the next look may find it.
        .catch(() => undefined)
        .finally(() => {
          this.timer = null;
          if (this.waiting.size > 0) this.look();
        });
    }, LOOK_EVERY_MS);
  }
}
