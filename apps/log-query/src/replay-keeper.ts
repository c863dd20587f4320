import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { LaneCommand } from '@hooklane/contracts/topics';
import { toAppError } from '@hooklane/kernel';
import type { WorkerHealth } from '@hooklane/service-host';
import type { Logger } from '@hooklane/telemetry';
import type { CatchUpOpener, OpenedCatchUp } from './replay/catch-up-opener.js';
import type { ReplayWorker } from './replay/replay-worker.js';

export const REPLAYS = Symbol('log-query replays');

export interface Replays {
  readonly worker: ReplayWorker;
  readonly opener: CatchUpOpener;
  readonly health: WorkerHealth;
  readonly logger: Logger;
  /** Set by the keeper: there is something to do. */
  wake(): void;
}

const RETRY_MS = 1_000;
/** An append waits for the log as long as that takes; the process does not. */
const STOP_TIMEOUT_MS = 3_000;

/** The clockwork of replays: one round at a time, until the process stops. What a round leaves half done the next one, or another process, goes on with. */
@Injectable()
export class ReplayKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private isWoken = false;
  private isStopped = false;

  constructor(@Inject(REPLAYS) private readonly replays: Replays) {
    replays.wake = () => this.wake();
  }

  onApplicationBootstrap(): void {
    this.replays.health.ready();
    this.schedule(0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
    // Its connections are closed next.
    await Promise.race([this.running, new Promise((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref())]);
  }

  /** Before the record counts as read: rejects when it cannot be kept. */
  async catchUpOpened(catchUp: OpenedCatchUp): Promise<void> {
    if (await this.replays.opener.open(catchUp)) this.wake();
  }

  /** As `catchUpOpened`. */
  async catchUpReleased(command: LaneCommand, offset: number): Promise<void> {
    if (await this.replays.opener.release(command, offset)) this.wake();
  }

  private wake(): void {
    this.isWoken = true;
    if (this.running === null) this.schedule(0);
  }

  private schedule(afterMs: number): void {
    if (this.isStopped) return;
    if (this.timer) clearTimeout(this.timer);
    // Unreferenced: nothing waits for the next round.
    this.timer = setTimeout(() => {
      this.timer = null;
      this.running = this.round().then((nextMs) => {
        this.running = null;
        this.schedule(this.isWoken ? 0 : nextMs);
      });
    }, afterMs).unref();
  }

  private async round(): Promise<number> {
    this.isWoken = false;
    const { worker, health, logger } = this.replays;
    try {
      const nextMs = await worker.round();
      health.ready();
      return nextMs;
    } catch (error) {
      const { message } = toAppError(error);
      if (!this.isStopped) {
        health.notReady(`replays stand still: ${message}`);
        logger.warn('replays stand still; tried again', { error: message });
      }
      return RETRY_MS;
    }
  }
}
