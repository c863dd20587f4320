import { performance, type EventLoopUtilization } from 'node:perf_hooks';

/** How much waits in a process, as the services that share it tell each other. A service in a process of its own hears of nobody else. */
export interface ProcessLoad {
  /** @param read 0: nothing waits; 1 and more: as much as should ever wait, so nothing should be added. Asked up to a hundred times a second. */
  source(name: string, read: () => number): void;
  /** Of the fullest source. At most 10 ms old. */
  fullness(): number;
  /** The share of the last tenth of a second in which the event loop was at work rather than waiting, 0 to 1. */
  busyShare(): number;
}

const READ_AGAIN_MS = 10;
const BUSY_WINDOW_MS = 100;

/** Sources are read when somebody asks, so a process in which nobody does pays nothing. */
export class ProcessLoadBook implements ProcessLoad {
  private readonly sources = new Map<string, () => number>();
  private readAtMs = -Infinity;
  private fullest = 0;
  private busy = 0;
  private window: EventLoopUtilization;
  private windowAtMs: number;

  constructor(
    private readonly nowMs: () => number,
    private readonly utilization: (since?: EventLoopUtilization) => EventLoopUtilization = (since) => performance.eventLoopUtilization(since),
  ) {
    this.window = utilization();
    this.windowAtMs = nowMs();
  }

  source(name: string, read: () => number): void {
    if (this.sources.has(name)) throw new Error(`Two services of this process call what waits in them "${name}".`);
    this.sources.set(name, read);
  }

  /** The sources by name, for metrics. */
  all(): ReadonlyMap<string, () => number> {
    return this.sources;
  }

  fullness(): number {
    const nowMs = this.nowMs();
    if (nowMs - this.readAtMs < READ_AGAIN_MS) return this.fullest;
    this.readAtMs = nowMs;
    this.fullest = 0;
    for (const read of this.sources.values()) this.fullest = Math.max(this.fullest, read());
    return this.fullest;
  }

  busyShare(): number {
    const nowMs = this.nowMs();
    if (nowMs - this.windowAtMs < BUSY_WINDOW_MS) return this.busy;
    this.busy = this.utilization(this.window).utilization;
    this.window = this.utilization();
    this.windowAtMs = nowMs;
    return this.busy;
  }
}
