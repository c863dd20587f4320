import { toAppError } from '@hooklane/kernel';
import type { MessagePort } from 'node:worker_threads';
import type { StreamWriter, StreamWriterEvents } from '../../writer/stream-writer.js';
import type { AddedRecords, WriterAnswer, WriterEvent, WriterMessage, WriterRequest } from './messages.js';
import { unpacked, type PackedBatch } from './packed-batch.js';

/** The writer's side of the port. @param open makes the writer that tells of its flushes */
export function serveWriter(port: MessagePort, open: (events: StreamWriterEvents) => StreamWriter): void {
  const tell = (message: WriterAnswer | WriterEvent): void => port.postMessage({ ...message, waiting: writer.waiting } satisfies WriterMessage);
  const writer = open({
    flushed: (flush) => tell({ kind: 'flushed', flush }),
    failing: (reason) => tell({ kind: 'failing', reason }),
    lost: (partitions) => tell({ kind: 'lost', partitions: [...partitions] }),
  });
  port.on('message', (request: WriterRequest) => {
    if (request.kind === 'keep-from') return writer.keepFrom(request.timeMs);
    const { number } = request;
    answerTo(writer, request).then(tell, (error: unknown) => {
      const { code, message, retryable } = toAppError(error);
      tell({ kind: 'failed', number, code, message, retryable });
    });
  });
}

async function answerTo(writer: StreamWriter, request: Exclude<WriterRequest, { kind: 'keep-from' }>): Promise<WriterAnswer> {
  const { number } = request;
  switch (request.kind) {
    case 'assign':
      return { kind: 'assigned', number, nextOffsets: await writer.assign(request.partitions) };
    case 'revoke':
      await writer.revoke(request.partitions);
      return { kind: 'done', number };
    case 'add':
      return { kind: 'added', number, ...(await added(writer, request.batch, request.isKept)) };
    case 'close':
      await writer.close(request.timeoutMs);
      return { kind: 'done', number };
    default:
      return request satisfies never;
  }
}

async function added(writer: StreamWriter, packed: PackedBatch, isKept: boolean): Promise<AddedRecords> {
  const batch = unpacked(packed);
  const result = await writer.add(batch, isKept);
  switch (result.kind) {
    case 'dead-letter':
      return { bad: result.records.map(({ record, reason }) => ({ index: batch.records.indexOf(record), reason })), forReplays: [] };
    case 'for-replays':
      return { bad: [], forReplays: result.records.map((record) => batch.records.indexOf(record)) };
    default:
      return { bad: [], forReplays: [] };
  }
}
