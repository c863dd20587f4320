import { bigintArray, int4Array } from '@hooklane/postgres';
import { Topics } from '@hooklane/contracts/topics';
import type { TailLook, TailQueries } from '../ports.js';
import { joined, numbersOf, type FlushContents, type Stretches, type TimeRange } from '../writer/flush-contents.js';
import { ATTEMPT_COLUMNS, attemptRecord, type RawAttempt } from './attempt-queries.pg.js';
import { EVENT_COLUMNS, storedEvent, type RawEvent } from './event-queries.pg.js';
import type { Queries } from './queries.pg.js';

/** So much is looked at in one go: what other tenants wrote between costs a look, not memory. */
const FLUSHES_A_LOOK = 100;
const NUMBERS_A_LOOK = 5_000;

/** A stretch whose first record has the number `first`. */
interface Numbered {
  readonly partition: number;
  readonly from: number;
  readonly next: number;
  readonly first: number;
}

interface Flush {
  readonly lastSeq: number;
  readonly atMs: number;
  readonly contents: FlushContents;
}

/** The live log: the flushes say which records have which numbers, and when those happened, which leads to their rows. */
export class PgTailQueries implements TailQueries {
  /** @param firstOffsets where the log of a topic begins, partition by partition: what is before can never be written again */
  constructor(
    private readonly queries: Queries,
    private readonly firstOffsets: (topic: string) => Promise<readonly number[]>,
  ) {}

  async look(tenantId: string, after: number, newest: number): Promise<TailLook> {
    const { flushes, upTo } = await this.flushes(after, newest);
    const events = numbered(flushes, 'events');
    const outcomes = numbered(flushes, 'outcomes');
    return {
      upTo,
      events: (await this.rows<RawEvent>(EVENTS, tenantId, after, events)).map((raw) => ({ seq: Number(raw.seq), event: storedEvent(raw) })),
      outcomes: (await this.rows<RawAttempt>(OUTCOMES, tenantId, after, outcomes)).map((raw) => ({ seq: Number(raw.seq), outcome: attemptRecord(raw) })),
    };
  }

  /** The next offset of each partition. */
  private async positions(): Promise<Map<string, number>> {
    const rows = await this.queries.rows<{ topic: string; partition: number; next_offset: string }>('SELECT topic, partition, next_offset FROM log_query.positions');
    return new Map(rows.map(({ topic, partition, next_offset: next }) => [`${topic}/${partition}`, Number(next)]));
  }

  /** Those of the flushes, from the first on, whose records stand in the tables, or are gone for good. */
  private async written(flushes: readonly Flush[]): Promise<readonly Flush[]> {
    const positions = await this.positions();
    const missing = (): number => flushes.findIndex(({ contents }) => !isWritten(contents, positions));
    if (missing() < 0) return flushes;
    for (const topic of [Topics.eventsAccepted, Topics.deliveryOutcomes]) {
      for (const [partition, first] of (await this.firstOffsets(topic)).entries()) positions.set(`${topic}/${partition}`, Math.max(first, positions.get(`${topic}/${partition}`) ?? 0));
    }
    const end = missing();
    return end < 0 ? flushes : flushes.slice(0, end);
  }

  /** The flushes above `after`, up to the first that has not been written again since a rebuild. */
  private async flushes(after: number, newest: number): Promise<{ readonly flushes: readonly Flush[]; readonly upTo: number }> {
    const text = `SELECT last_seq, at_ms, contents FROM log_query.flushes WHERE last_seq > $1 AND last_seq <= $2 ORDER BY last_seq LIMIT ${FLUSHES_A_LOOK}`;
    const rows = await this.queries.rows<{ last_seq: string; at_ms: string; contents: string }>(text, [after, newest]);
    const read = rows.map((row) => ({ lastSeq: Number(row.last_seq), atMs: Number(row.at_ms), contents: JSON.parse(row.contents) as FlushContents }));
    const near = read.filter(({ lastSeq }, index) => index === 0 || lastSeq <= after + NUMBERS_A_LOOK);
    // The positions are read after the flushes and before the rows: what is below them stands there, and stays.
    const flushes = near.length === 0 ? [] : await this.written(near);
    const isAll = rows.length < FLUSHES_A_LOOK && flushes.length === rows.length;
    return { flushes, upTo: isAll ? newest : (flushes.at(-1)?.lastSeq ?? after) };
  }

  private async rows<Raw extends { seq?: string }>(text: string, tenantId: string, after: number, { stretches, times }: { readonly stretches: readonly Numbered[]; readonly times: readonly TimeRange[] }): Promise<readonly Raw[]> {
    const places = [int4Array(stretches.map(({ partition }) => partition)), bigintArray(stretches.map(({ from }) => from)), bigintArray(stretches.map(({ next }) => next)), bigintArray(stretches.map(({ first }) => first))];
    const found: Raw[] = [];
    // One by one: the plan of each knows its day.
    for (const [fromMs, toMs] of times) found.push(...(await this.queries.rows<Raw>(text, [tenantId, fromMs, toMs, after, ...places])));
    return found;
  }
}

const STRETCHES = 'unnest($5::int[], $6::bigint[], $7::bigint[], $8::bigint[]) AS s(partition, from_offset, next_offset, first_seq)';

const EVENTS = `
SELECT s.first_seq + log_offset - s.from_offset AS seq, ${EVENT_COLUMNS}
FROM log_query.events JOIN ${STRETCHES} ON log_partition = s.partition AND log_offset >= s.from_offset AND log_offset < s.next_offset
WHERE tenant_id = $1 AND accepted_at_ms >= $2 AND accepted_at_ms <= $3 AND s.first_seq + log_offset - s.from_offset > $4`;

// Only decisions need their record, which is small; those of attempts hold the bodies.
const OUTCOMES = `
SELECT s.first_seq + log_offset - s.from_offset AS seq, ${ATTEMPT_COLUMNS}, CASE WHEN attempt_id = '' THEN record END AS record
FROM log_query.attempts JOIN ${STRETCHES} ON request_partition = s.partition AND log_offset >= s.from_offset AND log_offset < s.next_offset
WHERE tenant_id = $1 AND at_ms >= $2 AND at_ms <= $3 AND s.first_seq + log_offset - s.from_offset > $4`;

function isWritten({ events, outcomes }: FlushContents, written: ReadonlyMap<string, number>): boolean {
  const isThere = (topic: string, { records }: Stretches): boolean => records.every(([partition, , next]) => (written.get(`${topic}/${partition}`) ?? 0) >= next);
  return isThere(Topics.eventsAccepted, events) && isThere(Topics.deliveryOutcomes, outcomes);
}

function numbered(flushes: readonly Flush[], which: keyof FlushContents): { readonly stretches: readonly Numbered[]; readonly times: readonly TimeRange[] } {
  const stretches: Numbered[] = [];
  for (const { lastSeq, contents } of flushes) {
    let first = lastSeq - numbersOf(contents) + 1;
    for (const kind of ['events', 'outcomes'] as const) {
      for (const [partition, from, next] of contents[kind].records) {
        if (kind === which) stretches.push({ partition, from, next, first });
        first += next - from;
      }
    }
  }
  return { stretches, times: timesOf(flushes, which) };
}

/** What is written within so much after it happened is on time. */
const ON_TIME_MS = 2_000;

/** What happened while the flushes were written, and was written on time, is theirs: one range, however long they were quiet between. What came late is looked for by itself. */
function timesOf(flushes: readonly Flush[], which: keyof FlushContents): readonly TimeRange[] {
  const fromMs = Math.min(...flushes.map(({ atMs }) => atMs)) - ON_TIME_MS;
  const toMs = Math.max(...flushes.map(({ atMs }) => atMs));
  const ranges = flushes.flatMap(({ contents }) => contents[which].times);
  const onTime = ranges.filter(([from, to]) => from >= fromMs && to <= toMs);
  if (onTime.length === 0) return joined(ranges);
  const whole = [Math.min(...onTime.map(([from]) => from)), Math.max(...onTime.map(([, to]) => to))] as const;
  return joined([whole, ...ranges.filter((range) => !onTime.includes(range))]);
}
