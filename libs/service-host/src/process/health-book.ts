import type { Health, WorkerHealth } from '../service-module.js';

export interface NotReady {
  readonly worker: string;
  readonly reason: string;
}

/** Health per worker of a process. Every worker starts as not ready. */
export class HealthBook implements Health {
  private readonly reasons = new Map<string, string | null>();
  private readonly listeners: ((ready: boolean) => void)[] = [];
  private stoppingReason: string | null = null;
  private wasReady = false;

  worker(name: string): WorkerHealth {
    this.set(name, 'starting');
    return { ready: () => this.set(name, null), notReady: (reason) => this.set(name, reason) };
  }

  /** From now on nothing is ready: the process is going away. */
  stopping(reason: string): void {
    this.stoppingReason = reason;
    this.tell();
  }

  /** Those that are not ready, in the order they were made; empty when all are. */
  notReady(): readonly NotReady[] {
    const workers = [...this.reasons].flatMap(([worker, reason]) => (reason === null ? [] : [{ worker, reason }]));
    return this.stoppingReason === null ? workers : [{ worker: 'process', reason: this.stoppingReason }, ...workers];
  }

  workers(): readonly string[] {
    return [...this.reasons.keys()];
  }

  onChange(listener: (ready: boolean) => void): void {
    this.listeners.push(listener);
    listener(this.wasReady);
  }

  private set(name: string, reason: string | null): void {
    this.reasons.set(name, reason);
    this.tell();
  }

  private tell(): void {
    const ready = this.notReady().length === 0;
    if (ready === this.wasReady) return;
    this.wasReady = ready;
    for (const listener of this.listeners) listener(ready);
  }
}
