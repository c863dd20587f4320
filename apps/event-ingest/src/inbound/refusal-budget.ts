/** Refused calls of one endpoint that are not in the log. */
export interface NotKept {
  readonly tenantId: string;
  readonly endpoint: string;
  readonly count: number;
  readonly sinceMs: number;
}

interface Window {
  readonly tenantId: string;
  readonly endpoint: string;
  startMs: number;
  kept: number;
  missed: number;
  missedSinceMs: number;
}

const MINUTE_MS = 60_000;

/** Anybody may call, so what is kept of the calls that are refused has an end: so many a minute of each endpoint, and how many more there were. */
export class RefusalBudget {
  private readonly windows = new Map<string, Window>();

  /** @param perMinute of each endpoint */
  constructor(private readonly perMinute: number) {}

  /** @returns whether this one is kept; if not it is counted */
  take(tenantId: string, endpoint: string, nowMs: number): boolean {
    const key = `${tenantId}\0${endpoint}`;
    const window = this.windows.get(key) ?? { tenantId, endpoint, startMs: nowMs, kept: 0, missed: 0, missedSinceMs: 0 };
    this.windows.set(key, window);
    // A clock that was set back begins a new minute too, or it would have no end.
    if (nowMs - window.startMs >= MINUTE_MS || nowMs < window.startMs) Object.assign(window, { startMs: nowMs, kept: 0 });
    if (window.kept < this.perMinute) {
      window.kept += 1;
      return true;
    }
    this.missed(window, nowMs);
    return false;
  }

  /** What was counted since it was asked last; forgets endpoints that were silent for a minute. */
  drain(nowMs: number): readonly NotKept[] {
    const found: NotKept[] = [];
    for (const [key, window] of this.windows) {
      const { tenantId, endpoint, missed: count, missedSinceMs: sinceMs } = window;
      if (count > 0) found.push({ tenantId, endpoint, count, sinceMs });
      window.missed = 0;
      if (nowMs - window.startMs >= MINUTE_MS) this.windows.delete(key);
    }
    return found;
  }

  private missed(window: Window, nowMs: number): void {
    if (window.missed === 0) window.missedSinceMs = nowMs;
    window.missed += 1;
  }
}
