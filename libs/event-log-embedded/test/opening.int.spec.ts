import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@hooklane/kernel';
import { openDatabase, type Database } from '@hooklane/postgres';
import { openEmbeddedLog } from '../src/embedded-log.js';
import { embeddedHarness, type EmbeddedHarness } from './harness.js';

const stream = { name: 'stream', partitions: 2, compacted: false, retentionMs: 86_400_000 };

describe('opening the embedded log', () => {
  let harness: EmbeddedHarness;
  let other: Database | null = null;
  afterEach(async () => {
    await other?.close();
    other = null;
    await harness.dispose();
  });
  const openOther = (topics = [stream]): Promise<unknown> => {
    other = openDatabase({ url: harness.url, tls: 'disable' });
    return openEmbeddedLog({ database: other, clock: systemClock, report: () => undefined, topics });
  };

  it('is refused while another process writes it', async () => {
    harness = await embeddedHarness({ topics: [stream] });
    await expect(openOther()).rejects.toMatchObject({ code: 'log-unavailable', message: expect.stringContaining('Another process') });
    expect(await harness.log.append([{ topic: 'stream', partition: 0, key: null, value: Buffer.from('mine') }])).toEqual([0]);
  });

  it('leaves a topic the partitions it was made with, whatever is wanted now', async () => {
    harness = await embeddedHarness({ topics: [stream] });
    await harness.log.append([{ topic: 'stream', partition: 1, key: null, value: Buffer.from('kept') }]);
    await harness.log.close(1_000);
    const log = (await openOther([{ ...stream, partitions: 3 }])) as EmbeddedHarness['log'];
    expect(log.partitionsOf('stream')).toBe(2);
    expect(await log.append([{ topic: 'stream', partition: 1, key: null, value: Buffer.from('b') }])).toEqual([1]);
    await log.close(1_000);
  });

  it('takes topics that are new beside those that are there', async () => {
    harness = await embeddedHarness({ topics: [stream] });
    await harness.log.append([{ topic: 'stream', partition: 1, key: null, value: Buffer.from('kept') }]);
    await harness.log.close(1_000);
    const log = (await openOther([{ ...stream, name: 'newcomer' }, stream])) as EmbeddedHarness['log'];
    expect(await log.append([{ topic: 'newcomer', partition: 1, key: null, value: Buffer.from('a') }])).toEqual([0]);
    expect(await log.append([{ topic: 'stream', partition: 1, key: null, value: Buffer.from('b') }])).toEqual([1]);
    await log.close(1_000);
  });

  it('refuses appends once it is closed, and unknown topics and partitions', async () => {
    harness = await embeddedHarness({ topics: [stream] });
    await expect(harness.log.append([{ topic: 'nowhere', partition: 0, key: null, value: Buffer.alloc(0) }])).rejects.toThrow('nowhere');
    await expect(harness.log.append([{ topic: 'stream', partition: 2, key: null, value: Buffer.alloc(0) }])).rejects.toThrow('no partition 2');
    await harness.log.close(1_000);
    await expect(harness.log.append([{ topic: 'stream', partition: 0, key: null, value: Buffer.alloc(0) }])).rejects.toMatchObject({ code: 'log-unavailable' });
  });
});
