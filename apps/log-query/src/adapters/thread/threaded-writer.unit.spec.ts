import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandedBatch, LogRecord, TopicPartition } from '@hooklane/event-log';
import { AppError } from '@hooklane/kernel';
import { eventually } from '@hooklane/testkit';
import { MessageChannel } from 'node:worker_threads';
import type { Added, StreamWriter, StreamWriterEvents } from '../../writer/stream-writer.js';
import { serveWriter } from './serve-writer.js';
import { ThreadedWriter } from './threaded-writer.js';

const partition: TopicPartition = { topic: 'events.accepted', partition: 3 };
const record = (offset: number): LogRecord => ({ ...partition, offset, timestampMs: 5, key: null, headers: {}, value: Buffer.from(`record ${offset}`), attachment: null });
const batch = (...offsets: number[]): HandedBatch => ({ ...partition, records: offsets.map(record), endOffset: 100 });

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

/** Both ends of a port, on one thread. */
function setup(part: Partial<StreamWriter> = {}) {
  const { port1, port2 } = new MessageChannel();
  open.push(() => port1.close());
  const said: unknown[][] = [];
  const state: { events?: StreamWriterEvents; keptFrom?: number; added: HandedBatch[]; isFinished: boolean } = { added: [], isFinished: false };
  const writer: StreamWriter = {
    waiting: { rows: 7, oldestLoggedMs: 11 },
    assign: (partitions) => Promise.resolve(partitions.map(({ partition: number }) => number * 10)),
    revoke: () => Promise.resolve(),
    add: (handed) => {
      state.added.push(handed);
      return Promise.resolve<Added>({ kind: 'ok' });
    },
    keepFrom: (timeMs) => void (state.keptFrom = timeMs),
    close: () => Promise.resolve(),
    ...part,
  };
  serveWriter(port2, (events) => {
    state.events = events;
    return writer;
  });
  const events: StreamWriterEvents = {
    flushed: (flush) => void said.push(['flushed', flush]),
    failing: (reason) => void said.push(['failing', reason]),
    lost: (partitions) => void said.push(['lost', partitions]),
  };
  const threaded = new ThreadedWriter(port1, events, () => Promise.resolve((state.isFinished = true)));
  return { threaded, state, said };
}

describe('ThreadedWriter', () => {
  it('asks the writer on the other side, and hears what waits there', async () => {
    const { threaded, state } = setup();
    expect(await threaded.assign([partition])).toEqual([30]);
    expect(threaded.waiting).toEqual({ rows: 7, oldestLoggedMs: 11 });
    expect(await threaded.add(batch(1, 2), true)).toEqual({ kind: 'ok' });
    expect(state.added).toEqual([{ ...batch(1, 2), deadLettered: false }]);
    threaded.keepFrom(77);
    await threaded.revoke([partition]);
    expect(state.keptFrom).toBe(77);
  });

  it('names the records that can never be written by the ones it was given', async () => {
    const { threaded } = setup({ add: ({ records }) => Promise.resolve({ kind: 'dead-letter', records: [{ record: records[1] as LogRecord, reason: 'no record' }] }) });
    const handed = batch(1, 2);
    const result = await threaded.add(handed, false);
    expect(result).toEqual({ kind: 'dead-letter', records: [{ record: handed.records[1], reason: 'no record' }] });
    expect(result.kind === 'dead-letter' && result.records[0]?.record).toBe(handed.records[1]);
  });

  it('names the records that replays must know first', async () => {
    const { threaded } = setup({ add: ({ records }, isKept) => Promise.resolve<Added>(isKept ? { kind: 'ok' } : { kind: 'for-replays', records: records.slice(1) }) });
    const handed = batch(1, 2);
    expect(await threaded.add(handed, false)).toEqual({ kind: 'for-replays', records: [handed.records[1]] });
    expect(await threaded.add(handed, true)).toEqual({ kind: 'ok' });
  });

  it('rejects with the code of what went wrong there', async () => {
    const { threaded } = setup({ assign: () => Promise.reject(new AppError('database-unavailable', 'away', { retryable: true })) });
    await expect(threaded.assign([partition])).rejects.toMatchObject({ code: 'database-unavailable', message: 'away', retryable: true });
  });

  it('tells of flushes, of failures and of partitions that were lost', async () => {
    const { state, said } = setup();
    const flush = { rows: 3, lastSeq: 4, tookMs: 1.5, positions: [] };
    state.events?.flushed(flush);
    state.events?.failing('the disk is full');
    state.events?.lost([partition]);
    await eventually(() => said.length === 3, 'what was told');
    expect(said).toEqual([['flushed', flush], ['failing', 'the disk is full'], ['lost', [partition]]]);
  });

  it('ends the thread once everything is written, also where that fails', async () => {
    const well = setup();
    await well.threaded.close(100);
    expect(well.state.isFinished).toBe(true);
    const badly = setup({ close: () => Promise.reject(new Error('no')) });
    await expect(badly.threaded.close(100)).rejects.toThrow('no');
    expect(badly.state.isFinished).toBe(true);
  });

  it('rejects everything once the thread is gone', async () => {
    const { threaded } = setup({ add: () => new Promise(() => undefined) });
    const waiting = threaded.add(batch(1), false);
    threaded.gone(new Error('out of memory'));
    await expect(waiting).rejects.toThrow('out of memory');
    await expect(threaded.assign([partition])).rejects.toThrow('out of memory');
  });
});
