import { setTimeout as sleep } from 'node:timers/promises';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Relay } from '@hooklane/event-sourcing/postgres';
import type { Logger } from '@hooklane/telemetry';
import type { DataSource } from 'typeorm';
import type { IdempotentAnswers } from './adapters/idempotent-answers.js';
import type { TableWatch } from './adapters/table-watch.js';

const RETRY_MS = 1_000;
const SWEEP_MS = 10 * 60_000;

export interface RegistryWorkersOptions {
  readonly source: DataSource;
  readonly relay: Relay;
  readonly tables: TableWatch;
  readonly answers: IdempotentAnswers;
  readonly logger: Logger;
}

/** What runs beside the requests: the connection to the database (as often as it takes), the relay, the reading back of the tables, and the sweeping of old answers. */
export class RegistryWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private connecting: Promise<void> = Promise.resolve();
  private sweeping: NodeJS.Timeout | undefined;

  constructor(private readonly options: RegistryWorkersOptions) {}

  /** Waits for the first try only: a process whose database is away starts, unready. */
  async onApplicationBootstrap(): Promise<void> {
    if (!(await this.connectOnce())) this.connecting = this.connect();
    this.options.relay.start();
    this.options.tables.start();
    this.sweeping = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.sweeping);
    await this.connecting;
    await this.options.tables.stop();
    await this.options.relay.stop();
    if (this.options.source.isInitialized) await this.options.source.destroy();
  }

  private async connect(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await sleep(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (await this.connectOnce()) return;
    }
  }

  private async connectOnce(): Promise<boolean> {
    try {
      await this.options.source.initialize();
      return true;
    } catch {
      // The relay, which needs it too, says so.
      return false;
    }
  }

  private async sweep(): Promise<void> {
    await this.options.answers.sweep().catch((error: Error) => this.options.logger.warn('old idempotent answers not swept', { error: error.message }));
  }
}
