import type { HandedBatch, HandlerResult, LogRecord } from '@hooklane/event-log';

/** Turns each record of a batch into an entry. Where some are not what their topic promises there are no entries at first: the others go on once those are dead letters. */
export function decodeAll<Entry>(batch: HandedBatch, decode: (record: LogRecord) => Entry): { readonly entries: readonly Entry[]; readonly result: HandlerResult } {
  const entries: Entry[] = [];
  const bad: { record: LogRecord; reason: string }[] = [];
  for (const record of batch.records) {
    try {
      entries.push(decode(record));
    } catch (error) {
      bad.push({ record, reason: `The record cannot be read: ${error instanceof Error ? error.message : String(error)}.` });
    }
  }
  return bad.length === 0 || batch.deadLettered ? { entries, result: { kind: 'ok' } } : { entries: [], result: { kind: 'dead-letter', records: bad } };
}
