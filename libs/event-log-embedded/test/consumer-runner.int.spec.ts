import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConsumerRunner, type AppendRecord, type ConsumerProblem, type ConsumerRunnerOptions, type DeadLetter, type RecordBatch, type TopicConsumer } from '@hooklane/event-log';
import { embeddedHarness, type EmbeddedHarness } from './harness.js';

const topics = [{ name: 'stream', partitions: 2, compacted: false, retentionMs: 86_400_000 }];
const record = (value: string, partition = 0): AppendRecord => ({ topic: 'stream', partition, key: null, value: Buffer.from(value) });
const valuesOf = (batch: RecordBatch): string[] => batch.records.map((one) => one.value.toString());

/** Looks again until it is so; the runner has no moment of its own to wait for. */
async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 5_000; !condition(); ) {
    if (performance.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('ConsumerRunner', () => {
  let harness: EmbeddedHarness;
  let runner: ConsumerRunner | null = null;
  const problems: ConsumerProblem[] = [];
  const letters: DeadLetter[] = [];
  const healths: { ready: boolean; reason: string }[] = [];
  const start = (consumer: TopicConsumer, options: Partial<ConsumerRunnerOptions> = {}): ConsumerRunner => {
    runner = new ConsumerRunner({
      log: harness.log,
      group: 'service.stream',
      topics: ['stream'],
      mode: 'share',
      consumer,
      deadLetter: async (dead) => void letters.push(...dead),
      report: (problem) => problems.push(problem),
      health: (state) => healths.push(state),
      commitIntervalMs: 0,
      ...options,
    });
    return runner;
  };
  const positions = (): Promise<Record<string, unknown>[]> => harness.sql(`SELECT p.partition, next::int, convert_from(metadata, 'UTF8') AS metadata FROM event_log.group_positions g JOIN event_log.partitions p ON p.id = g.partition ORDER BY 1`);

  beforeEach(async () => {
    harness = await embeddedHarness({ topics });
    for (const list of [problems, letters, healths]) list.length = 0;
  });
  afterEach(async () => {
    await runner?.close();
    await harness.dispose();
  });

  it('stores a position only when the consumer asks for it, and the last one when it is closed', async () => {
    const seen: string[] = [];
    start({
      handle: async (batch) => {
        seen.push(...valuesOf(batch));
        return batch.partition === 0 ? { kind: 'ok', commit: { metadata: `marks of ${valuesOf(batch).at(-1)}` } } : { kind: 'ok' };
      },
    });
    await runner?.started;
    for (const value of ['a', 'b', 'c']) await harness.log.append([record(value), record(value, 1)]);
    await until(() => seen.length === 6);
    await runner?.close();
    expect(await positions()).toEqual([{ partition: 0, next: 3, metadata: 'marks of c' }]);
    expect(healths).toEqual([{ ready: false, reason: expect.any(String) }, { ready: true, reason: '' }]);
    expect(problems).toEqual([]);
  });

  it('hands the same batch over again on retry, while the other partitions go on and health says why', async () => {
    const handled: string[] = [];
    let isAway = true;
    start({
      handle: async (batch) => {
        handled.push(...valuesOf(batch));
        return batch.partition === 0 && isAway ? { kind: 'retry', reason: 'the database is away', afterMs: 5 } : { kind: 'ok' };
      },
    });
    await runner?.started;
    await harness.log.append([record('stuck')]);
    await until(() => handled.length >= 3);
    await harness.log.append([record('free', 1), record('behind')]);
    await until(() => handled.includes('free'));
    expect(handled).not.toContain('behind');
    expect(healths.at(-1)).toEqual({ ready: false, reason: 'stream[0]: the database is away' });
    expect(problems[0]).toEqual({ kind: 'retry', topic: 'stream', partition: 0, firstOffset: 0, lastOffset: 0, reason: 'the database is away', attempt: 1, afterMs: 5 });
    isAway = false;
    await until(() => handled.includes('behind'));
    expect(healths.at(-1)).toEqual({ ready: true, reason: '' });
  });

  it('repeats with growing pauses when a handler throws', async () => {
    let tries = 0;
    start({
      handle: async () => {
        tries += 1;
        if (tries < 3) throw new Error(`mistake ${tries}`);
        return { kind: 'ok', commit: { metadata: '' } };
      },
    });
    await harness.log.append([record('a')]);
    await until(() => tries === 3);
    expect(problems).toMatchObject([
      { kind: 'threw', attempt: 1, afterMs: 100, firstOffset: 0 },
      { kind: 'threw', attempt: 2, afterMs: 200, firstOffset: 0 },
    ]);
    await runner?.close();
    expect(await positions()).toMatchObject([{ next: 1 }]);
  });

  it('passes dead letters on before the batch is done, and asks again when that fails', async () => {
    let refusals = 1;
    const handled: string[] = [];
    start(
      {
        handle: async (batch) => {
          if (batch.deadLettered) return handled.push('done without them'), { kind: 'ok', commit: { metadata: '' } };
          handled.push(...valuesOf(batch));
          const bad = batch.records.filter((one) => one.value.toString() === 'bad');
          return bad.length === 0 ? { kind: 'ok' } : { kind: 'dead-letter', records: bad.map((one) => ({ record: one, reason: 'no such format' })) };
        },
      },
      {
        deadLetter: async (dead) => {
          if (refusals-- > 0) throw new Error('the incident could not be written');
          letters.push(...dead);
        },
      },
    );
    await harness.log.append([record('good'), record('bad')]);
    await until(() => handled.includes('done without them'));
    expect(letters.map((letter) => [letter.record.offset, letter.reason])).toEqual([[1, 'no such format']]);
    expect(handled).toEqual(['good', 'bad', 'good', 'bad', 'done without them']);
    await until(() => problems.some((problem) => problem.kind === 'dead-lettered'));
  });

  it('reports what is dropped, and goes on', async () => {
    start({ handle: async () => ({ kind: 'drop', reason: 'of an older epoch', commit: { metadata: '' } }) });
    await harness.log.append([record('a')]);
    await until(() => problems.length === 1);
    expect(problems).toMatchObject([{ kind: 'dropped', reason: 'of an older epoch', firstOffset: 0, lastOffset: 0 }]);
  });

  it('gives up repeating when it is closed, without storing a position', async () => {
    start({ handle: async () => ({ kind: 'retry', reason: 'for ever', afterMs: 60_000 }) });
    await harness.log.append([record('a')]);
    await until(() => problems.length === 1);
    await runner?.close();
    expect(await positions()).toEqual([]);
  });

  it('reports a partition that stands still, and reads on after a seek', async () => {
    await harness.log.append(['a', 'b', 'c'].map((value) => record(value)));
    await harness.truncate('stream', 0, 2);
    const seen: string[] = [];
    const running = start({ assigned: async (partitions) => partitions.map(() => ({ offset: 0 })), handle: async (batch) => (seen.push(...valuesOf(batch)), { kind: 'ok' }) });
    await running.started;
    await until(() => problems.length > 0);
    expect(problems).toEqual([{ kind: 'stopped', failure: { topic: 'stream', partition: 0, kind: 'gap', firstOffset: 0, lastOffset: 1 } }]);
    expect(healths.at(-1)).toMatchObject({ ready: false });
    running.seek({ topic: 'stream', partition: 0, offset: 2 });
    await until(() => seen.length === 1);
    expect(healths.at(-1)).toEqual({ ready: true, reason: '' });
  });
});
