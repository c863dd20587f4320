import type { FoundEvent } from '../query/log-reader.js';
import { isJson } from '../views/event-view.js';

/**
 * The event as a JSON document in which the data stands byte for byte as it was published: a number keeps its digits, an object its double members.
 * So the document is put together from bytes; parsing and printing the data would change them.
 */
export function eventDocument({ event, view }: FoundEvent): Buffer {
  const head = JSON.stringify(view).slice(0, -1);
  const data = Buffer.from(event.data.buffer, event.data.byteOffset, event.data.byteLength);
  if (isJson(event) && isWellFormed(data)) return Buffer.concat([Buffer.from(`${head},"data":`), data, Buffer.from('}')]);
  return Buffer.from(`${head},"dataBase64":${JSON.stringify(data.toString('base64'))}}`);
}

/** Ingest refuses data that is declared as JSON and is none; a document of ours must be one whoever wrote the record. */
function isWellFormed(data: Buffer): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
    return true;
  } catch {
    return false;
  }
}
