import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { toAppError, type Clock } from '@hooklane/kernel';
import type { WorkerHealth } from '@hooklane/service-host';
import type { Logger } from '@hooklane/telemetry';
import type pg from 'pg';
import type { PgDayPartitions } from './adapters/day-partitions.pg.js';
import { applyRetention } from './adapters/retention.pg.js';
import { Followers } from './api/followers.js';
import { INTAKE, type Intake } from './intake.js';

export const UPKEEP = Symbol('log-query upkeep');

export interface Upkeep {
  readonly pool: pg.Pool;
  readonly days: PgDayPartitions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly health: WorkerHealth;
  readonly retentionDays: number;
}

const DAYS_AHEAD = 3;
const UPKEEP_EVERY_MS = 3_600_000;
const RETRY_MS = 5_000;
const STOP_TIMEOUT_MS = 5_000;

/** Makes days ahead, applies retention, and at the end lets followers go and writes what was read. */
@Injectable()
export class LogKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(UPKEEP) private readonly upkeep: Upkeep,
    @Inject(INTAKE) private readonly intake: Intake,
    @Inject(Followers) private readonly followers: Followers,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
    this.followers.close();
    await this.intake.close(STOP_TIMEOUT_MS);
    // Its connections are closed next.
    await this.running;
  }

  private async run(): Promise<void> {
    const { pool, days, clock, logger, health, retentionDays } = this.upkeep;
    let nextMs = UPKEEP_EVERY_MS;
    try {
      await days.makeAhead(DAYS_AHEAD);
      health.ready();
      if (this.isStopped) return;
      const { droppedPartitions, deletedRows } = await applyRetention(pool, days, clock.nowMs(), retentionDays);
      if (droppedPartitions + deletedRows > 0) logger.info('retention applied', { droppedPartitions, deletedRows });
    } catch (error) {
      nextMs = RETRY_MS;
      logger.warn('the days of the log could not be looked after; tried again', { error: toAppError(error).message });
    }
    // Unreferenced: nothing waits for the next run.
    if (!this.isStopped) this.timer = setTimeout(() => (this.running = this.run()), nextMs).unref();
  }
}
