import { Controller, Inject, type BeforeApplicationShutdown } from '@nestjs/common';
import { decodeOutcomeHealth, DeliveryOutcome, Topics, type OutcomeHealth } from '@hooklane/contracts/topics';
import type { CommittedPosition, StartPosition, TopicPartition } from '@hooklane/event-log';
import { isAppError } from '@hooklane/kernel';
import { isConnectionFailure } from '@hooklane/postgres';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type DeadLetter, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import type pg from 'pg';
import { PostgresHealthStore } from './adapters/health-writer.pg.js';
import { REGISTRY, REGISTRY_POOL } from './api/registry.token.js';
import { HealthBook } from './hook-health/health-book.js';
import { answerVerdict } from './hook/answer-verdict.js';
import type { Registry } from './ports.js';

/** A hook that goes on being healthy is written once in this time. */
const WRITE_MS = 1_000;
/** A change of colour or count is written within this time; a storm of failures costs 20 statements a second. */
const URGENT_WRITE_MS = 50;
/** How long outcomes wait for company behind the ones before them: nearly all of them say that all is well. */
const GATHER_MS = 100;

/** Drives the hooks' colours and counts, and disables a hook when its lane's owner says so. Positions are stored with what was read up to them. */
@Controller()
export class DeliveryOutcomesConsumer implements TopicConsumer, BeforeApplicationShutdown {
  private readonly store: PostgresHealthStore;
  private readonly book: HealthBook;
  private timer: { readonly handle: NodeJS.Timeout; readonly urgent: boolean } | null = null;

  constructor(
    @Inject(REGISTRY_POOL) pool: pg.Pool,
    @Inject(REGISTRY) private readonly registry: Registry,
  ) {
    this.store = new PostgresHealthStore(pool);
    this.book = new HealthBook(this.store);
  }

  @TopicAssigned('registry', Topics.deliveryOutcomes)
  async assigned(partitions: readonly TopicPartition[], _committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    const positions = await this.store.positionsOf(partitions.map(({ partition }) => partition));
    return partitions.map(({ partition }): StartPosition => {
      const offset = positions.get(partition);
      return offset === undefined ? 'beginning' : { offset };
    });
  }

  @TopicRevoked('registry', Topics.deliveryOutcomes)
  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    // The next owner repeats what could not be written.
    await this.book.flush().catch(() => undefined);
    this.book.forget(partitions.map(({ partition }) => partition));
  }

  @ConsumesTopic('registry', Topics.deliveryOutcomes, { gatherMs: GATHER_MS })
  async handle({ partition, records, deadLettered }: HandedBatch): Promise<HandlerResult> {
    const outcomes: OutcomeHealth[] = [];
    const verdicts: DeliveryOutcome[] = [];
    const unreadable: DeadLetter[] = [];
    for (const record of records) {
      try {
        const outcome = decodeOutcomeHealth(record.value);
        if (outcome.verdict) verdicts.push(DeliveryOutcome.decode(record.value));
        if (outcome.hookId !== '') outcomes.push(outcome);
      } catch {
        unreadable.push({ record, reason: 'Not a DeliveryOutcome.' });
      }
    }
    if (unreadable.length > 0 && !deadLettered) return { kind: 'dead-letter', records: unreadable };
    try {
      for (const outcome of verdicts) await answerVerdict(this.registry, outcome);
      const urgent = await this.book.fold(partition, outcomes, records.at(-1)!.offset + 1);
      this.writeWithin(urgent ? URGENT_WRITE_MS : WRITE_MS, urgent);
    } catch (error) {
      if (!isConnectionFailure(error) && !(isAppError(error) && error.retryable)) throw error;
      return { kind: 'retry', reason: 'The database cannot be reached.', afterMs: 500 };
    }
    return { kind: 'ok' };
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer) clearTimeout(this.timer.handle);
    await this.book.flush().catch(() => undefined);
  }

  private writeWithin(ms: number, urgent: boolean): void {
    if (this.timer && (this.timer.urgent || !urgent)) return;
    if (this.timer) clearTimeout(this.timer.handle);
    const handle = setTimeout(() => {
      this.timer = null;
      // While the database is away the rows stay unwritten; nothing is lost, since the position stays with them.
      void this.book.flush().catch(() => this.writeWithin(WRITE_MS, false));
    }, ms);
    this.timer = { handle, urgent };
  }
}
