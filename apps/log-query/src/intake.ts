import type { EventLog, HandedBatch, HandlerResult, LogRecord, StartPosition, TopicPartition } from '@hooklane/event-log';
import type { CatchUp } from './writer/catch-up.js';
import { startPositions } from './writer/start-positions.js';
import type { StreamWriter } from './writer/stream-writer.js';

export const INTAKE = Symbol('log-query intake');

/** A flush waits as long for company (`LOG_QUERY_FLUSH_AFTER_MS`); what comes after a silence is read at once. */
export const GATHER_MS = 100;

export interface IntakeParts {
  readonly log: Pick<EventLog, 'bounds'>;
  readonly writer: StreamWriter;
  readonly catchUp: CatchUp;
  /** How far the read models are has changed. */
  readonly moved: () => void;
}

/** What the consumers of the three streams share: their records go to the writer, and how far it is shows whether the read models are whole. */
export class Intake {
  constructor(private readonly parts: IntakeParts) {}

  /** @returns where to begin; nothing of the partitions is read before this resolves */
  async assign(partitions: readonly TopicPartition[]): Promise<readonly StartPosition[]> {
    const { log, writer, catchUp, moved } = this.parts;
    const nextOffsets = await writer.assign(partitions);
    const bounds = await log.bounds(partitions[0]?.topic ?? '');
    partitions.forEach((partition, index) => {
      const { first, next } = bounds[partition.partition] ?? { first: 0, next: 0 };
      catchUp.assigned(partition, Math.max(nextOffsets[index] ?? 0, first), next);
    });
    moved();
    return startPositions(nextOffsets);
  }

  async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    for (const partition of partitions) this.parts.catchUp.revoked(partition);
    this.parts.moved();
    await this.parts.writer.revoke(partitions);
  }

  /** @param keep tells replays of a record that is for them. Rejecting brings the batch again. */
  async add(batch: HandedBatch, keep: (record: LogRecord) => Promise<void> = () => Promise.resolve()): Promise<HandlerResult> {
    const added = await this.parts.writer.add(batch, false);
    if (added.kind !== 'for-replays') return added;
    for (const record of added.records) await keep(record);
    return (await this.parts.writer.add(batch, true)) as HandlerResult;
  }

  /** Rows of days before are not written any more. */
  keepFrom(timeMs: number): void {
    this.parts.writer.keepFrom(timeMs);
  }

  close(timeoutMs: number): Promise<void> {
    return this.parts.writer.close(timeoutMs);
  }
}
