import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@hooklane/kernel';
import { openDatabase, type Database } from '@hooklane/postgres';
import { eventually } from '@hooklane/testkit';
import { openEmbeddedLog } from '../src/embedded-log.js';
import { embeddedHarness, type EmbeddedHarness } from './harness.js';

const stream = { name: 'stream', partitions: 2, compacted: false, retentionMs: 86_400_000 };

describe('opening the embedded log', () => {
  let harness: EmbeddedHarness;
  let other: Database | null = null;
  let said: string[] = [];
  afterEach(async () => {
    await other?.close();
    other = null;
    said = [];
    await harness.dispose();
  });
  const openOther = (topics = [stream]): Promise<unknown> => {
    other = openDatabase({ url: harness.url, tls: 'disable' });
    return openEmbeddedLog({ database: other, clock: systemClock, report: (_level, message) => void said.push(message), topics });
  };
  /** Of the other log's pools. */
  const connections = (): number => ['event-log', 'event-log-writer'].reduce((sum, name) => sum + (other?.pool(name, 1).totalCount ?? 0), 0);

  it('is refused while another process writes it', async () => {
    harness = await embeddedHarness({ topics: [stream] });
    await expect(openOther()).rejects.toMatchObject({ code: 'log-unavailable', message: expect.stringContaining('Another process') });
    expect(await harness.log.append([{ topic: 'stream', partition: 0, key: null, value: Buffer.from('mine') }])).toEqual([0]);
  });

  it('leaves nothing behind that a refused opening began', async () => {
    harness = await embeddedHarness({ topics: [stream] });
    await expect(openOther()).rejects.toMatchObject({ code: 'log-unavailable' });
    expect(connections()).toBe(0);
    await other?.close();
    await harness.log.close(1_000);
    await harness.sql('ALTER TABLE event_log.partitions RENAME TO hidden');
    await expect(openOther()).rejects.toThrow('event_log.partitions');
    expect(connections()).toBe(0);
    await other?.close();
    await harness.sql('ALTER TABLE event_log.hidden RENAME TO partitions');
    // The writer's lock was given back.
    const log = (await openOther()) as EmbeddedHarness['log'];
    await log.close(1_000);
    expect(said).toEqual([]);
  });

  it('is refused when its database is closed meanwhile', async () => {
    harness = await embeddedHarness({ topics: [stream] });
    await harness.log.close(1_000);
    const opening = openOther();
    const closing = other?.close();
    await expect(opening).rejects.toMatchObject({ code: 'log-unavailable', message: expect.stringContaining('closed while') });
    await closing;
  });

  it('is given up, not tried for ever, when its database was closed and it was not', async () => {
    harness = await embeddedHarness({ topics: [stream] });
    await harness.log.close(1_000);
    const log = (await openOther()) as EmbeddedHarness['log'];
    const closing = other?.close();
    expect(await harness.killWriter()).toBe(true);
    await closing;
    await eventually(() => said.includes('the event log gives up: its database was closed'), 'the log to give up');
    expect(log.health()).toEqual({ ready: false, reason: 'the event log cannot be written: its database was closed' });
    await log.close(1_000);
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
