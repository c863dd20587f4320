import { afterEach, describe, expect, it } from '@jest/globals';
import type { AppendRecord, EventLog } from '@hooklane/event-log';
import { eventually } from '@hooklane/testkit';
import { cuttingProxy, type CuttingProxy } from './cutting-proxy.js';
import { embeddedHarness, type EmbeddedHarness } from './harness.js';

const topics = [
  { name: 'stream', partitions: 2, compacted: false, retentionMs: 86_400_000 },
  { name: 'table', partitions: 1, compacted: true, retentionMs: null },
];
const record = (value: string, partition = 0): AppendRecord => ({ topic: 'stream', partition, key: null, value: Buffer.from(value) });

async function values(log: EventLog, partition = 0, topic = 'stream'): Promise<string[]> {
  const found: string[] = [];
  for await (const records of log.read({ topic, partition, from: 0, to: Infinity })) found.push(...records.map((one) => one.value.toString()));
  return found;
}

describe('the embedded log when its server fails', () => {
  let harness: EmbeddedHarness;
  let proxy: CuttingProxy | null = null;
  afterEach(async () => {
    await harness.dispose();
    await proxy?.close();
    proxy = null;
  });

  it('writes everything once, in order and without holes while the writer’s session is killed again and again', async () => {
    harness = await embeddedHarness({ topics });
    const { log } = harness;
    const appended: Promise<readonly number[]>[] = [];
    const kills: boolean[] = [];
    for (let round = 0; round < 8; round += 1) {
      const killed = harness.killWriter();
      for (let call = 0; call < 200; call += 1) {
        const index = appended.length;
        appended.push(log.append([record(String(index)), record(`${index}'`)]));
        if (call % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      kills.push(await killed);
      // Every other kill meets what the one before has left: a recovery under way, or none yet.
      if (round % 2 === 1) await Promise.all(appended);
    }
    expect(kills.filter(Boolean).length).toBeGreaterThanOrEqual(4);
    const offsets = (await Promise.all(appended)).flat();
    expect(offsets).toEqual(offsets.map((_, index) => index));
    await harness.reopen();
    expect(await values(harness.log)).toEqual(appended.flatMap((_, index) => [String(index), `${index}'`]));
  });

  it('does not write a batch twice whose commit was not answered', async () => {
    proxy = await cuttingProxy();
    harness = await embeddedHarness({ topics, via: proxy.via });
    await harness.log.append([record('before')]);
    proxy.loseAnswerTo('append-1');
    expect(await harness.log.append([record('ambiguous')])).toEqual([1]);
    expect(await harness.log.append([record('after')])).toEqual([2]);
    expect(proxy.cuts()).toBe(1);
    await harness.reopen();
    expect(await values(harness.log)).toEqual(['before', 'ambiguous', 'after']);
  });

  it('does the same for a batch with tables in it', async () => {
    proxy = await cuttingProxy();
    harness = await embeddedHarness({ topics, via: proxy.via });
    const both = (name: string): AppendRecord[] => [record(name), { topic: 'table', partition: 0, key: name, value: Buffer.from(name) }];
    await harness.log.append(both('a'));
    proxy.loseAnswerTo('append-1-tables');
    expect(await harness.log.append(both('b'))).toEqual([1, 1]);
    await harness.reopen();
    expect(await values(harness.log)).toEqual(['a', 'b']);
    expect(await values(harness.log, 0, 'table')).toEqual(['a', 'b']);
  });

  it('sends a batch again that never reached the server', async () => {
    proxy = await cuttingProxy();
    harness = await embeddedHarness({ topics, via: proxy.via });
    await harness.log.append([record('before')]);
    proxy.loseStatement('append-1');
    expect(await harness.log.append([record('lost on the way')])).toEqual([1]);
    expect(proxy.cuts()).toBe(1);
    await harness.reopen();
    expect(await values(harness.log)).toEqual(['before', 'lost on the way']);
  });

  it('is not ready while the server is away, and says why', async () => {
    harness = await embeddedHarness({ topics });
    expect(harness.log.health()).toEqual({ ready: true, reason: '' });
    const outage = await harness.interrupt();
    const appended = harness.log.append([record('patient')]);
    const refused = harness.log.append([record('impatient')], { deadlineMonotonicMs: performance.now() + 100 }).then(() => 'written', (error: unknown) => error);
    expect(await refused).toMatchObject({ code: 'log-unavailable', retryable: true });
    expect(harness.log.health().ready).toBe(false);
    expect(harness.log.health().reason).toContain('the event log cannot be written');
    await outage.restore();
    expect(await appended).toEqual([0]);
    expect(harness.log.health().ready).toBe(true);
  });

  it('refuses what has a deadline although its batch is under way, and says that it may be written', async () => {
    harness = await embeddedHarness({ topics });
    const release = await harness.holdAppends();
    const appended = harness.log.append([record('first')], { deadlineMonotonicMs: performance.now() + 100 }).then(() => 'written', (error: { details: unknown }) => error.details);
    const behind = harness.log.append([record('never')], { deadlineMonotonicMs: performance.now() + 100 }).then(() => 'written', (error: { details: unknown }) => error.details);
    expect(await appended).toEqual({ mayBeWritten: true });
    expect(await behind).toEqual({ mayBeWritten: false });
    await release();
    expect(await harness.log.append([record('second')])).toEqual([1]);
    expect(await values(harness.log)).toEqual(['first', 'second']);
  });

  it('hands records over again when the server is back', async () => {
    harness = await embeddedHarness({ topics, tailBytes: 1_000 });
    const { log } = harness;
    await log.append(Array.from({ length: 300 }, (_, index) => record(String(index))));
    const outage = await harness.interrupt();
    const seen: string[] = [];
    const subscription = log.subscribe({
      group: 'readers',
      topics: ['stream'],
      mode: 'share',
      assigned: async (partitions) => partitions.map(() => 'beginning'),
      revoked: async () => undefined,
      handle: async (batch) => void seen.push(...batch.records.map((one) => one.value.toString())),
      failed: () => undefined,
    });
    await subscription.started;
    await outage.restore();
    await log.append([record('300')]);
    await eventually(() => seen.length >= 301, 'all records');
    expect(seen).toEqual(Array.from({ length: 301 }, (_, index) => String(index)));
    await subscription.close();
  });
});
