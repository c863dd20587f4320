import type { HandlerResult, LogRecord, RecordBatch } from '@hooklane/event-log';

/** Turns each record of a batch into an entry; those that are not what their topic promises become dead letters, and the others go on. */
export function decodeAll<Entry>(batch: RecordBatch, decode: (record: LogRecord) => Entry): { readonly entries: readonly Entry[]; readonly result: HandlerResult } {
  const entries: Entry[] = [];
  const bad: { record: LogRecord; reason: string }[] = [];
  for (const record of batch.records) {
    try {
      entries.push(decode(record));
    } catch (error) {
      bad.push({ record, reason: `The record cannot be read: ${error instanceof Error ? error.message : String(error)}.` });
    }
  }
  return { entries, result: bad.length === 0 ? { kind: 'ok' } : { kind: 'dead-letter', records: bad } };
}
