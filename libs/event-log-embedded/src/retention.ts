import type pg from 'pg';
import type { Clock } from '@hooklane/kernel';
import type { BatchWriter } from './batch-writer.js';
import type { Report } from './report.js';
import type { Segments } from './segments.js';
import type { EmbeddedTopic, Topics } from './topics.js';

const DAY_MS = 86_400_000;
const SHORTEST_SEGMENT_MS = 1_000;

/** Superseded records of a table are worth a delete when there are this many, and as many as there are keys. */
const SUPERSEDED_AT_LEAST = 1_000;

export interface RetentionOptions {
  readonly pool: pg.Pool;
  readonly writer: BatchWriter;
  readonly segments: Segments;
  readonly topics: Topics;
  readonly settings: readonly EmbeddedTopic[];
  readonly clock: Clock;
  readonly report: Report;
}

/**
 * Lets old records go. Streams share segments, so all are kept as long as the one that is kept longest: at least its retention, at most that
 * and two segments. Tables keep the newest record of each key.
 */
export class Retention {
  private readonly retentionMs: number;
  private readonly segmentMs: number;
  /** Next offset of a table when it was last compacted, and how many records it had. */
  private readonly compacted = new Map<number, { readonly next: number; readonly kept: number }>();

  constructor(private readonly options: RetentionOptions) {
    const streams = options.settings.filter((topic) => !topic.compacted);
    this.retentionMs = streams.length === 0 ? Infinity : Math.max(...streams.map((topic) => topic.retentionMs ?? Infinity));
    this.segmentMs = Number.isFinite(this.retentionMs) ? Math.min(DAY_MS, Math.max(SHORTEST_SEGMENT_MS, this.retentionMs / 7)) : DAY_MS;
  }

  /** One round, when the log has been opened and every minute after. Failing costs nothing but time: every step can be done again. */
  async run(): Promise<void> {
    try {
      await this.openSegment();
      await this.letGo();
      for (const partition of this.options.topics.all) if (partition.compacted) await this.compact(partition.id, partition.next);
    } catch (error) {
      this.options.report('warn', 'old records of the event log could not be removed; trying again later', { reason: (error as Error).message });
    }
  }

  private async openSegment(): Promise<void> {
    const { segments, writer, clock } = this.options;
    const isOld = clock.nowMs() - segments.current.openedAtMs >= this.segmentMs;
    if (isOld && segments.hasRecords()) await writer.exclusive((client) => segments.roll(client, clock.nowMs()));
  }

  private async letGo(): Promise<void> {
    const { segments, topics, pool, clock, report } = this.options;
    const kept = segments.firstKept(clock.nowMs() - this.retentionMs);
    const firsts = topics.all.filter((partition) => !partition.compacted && (kept.starts.get(partition.id) ?? 0) > partition.first);
    if (firsts.length > 0) {
      const offsets = firsts.map((partition) => kept.starts.get(partition.id) ?? 0);
      await pool.query('UPDATE event_log.partitions l SET first = u.f FROM unnest($1::int[], $2::bigint[]) u(p, f) WHERE l.id = u.p AND l.first < u.f', [firsts.map((partition) => partition.id), offsets]);
      for (const [index, partition] of firsts.entries()) partition.first = offsets[index] ?? partition.first;
    }
    const dropped = await segments.dropBefore(pool, kept);
    if (dropped > 0) report('info', 'records of the event log were removed because their retention is over', { segments: dropped });
  }

  private async compact(partitionId: number, next: number): Promise<void> {
    const last = this.compacted.get(partitionId) ?? { next: 0, kept: 0 };
    if (next - last.next < Math.max(SUPERSEDED_AT_LEAST, last.kept)) return;
    const { rows } = await this.options.pool.query<{ kept: string }>(
      `WITH aged AS (SELECT base, row_number() OVER (PARTITION BY key ORDER BY base DESC) AS age FROM event_log.table_records WHERE partition = $1 AND base < $2 AND key IS NOT NULL),
        gone AS (DELETE FROM event_log.table_records t USING aged WHERE t.partition = $1 AND t.base = aged.base AND aged.age > 1)
        SELECT count(*) FILTER (WHERE age = 1) AS kept FROM aged`,
      [partitionId, next],
    );
    this.compacted.set(partitionId, { next, kept: Number(rows[0]?.kept ?? 0) });
  }
}
