import type { FoundEvent } from '../query/log-reader.js';
import { isJson } from '../views/event-view.js';

/**
 * The event as a JSON document in which the data stands byte for byte as it was published: a number keeps its digits, an object its double members.
 * So the document is put together from bytes; parsing and printing the data would change them.
 */
export function eventDocument({ event, view }: FoundEvent): Buffer {
  const head = JSON.stringify(view).slice(0, -1);
  const data = Buffer.from(event.data.buffer, event.data.byteOffset, event.data.byteLength);
  if (isJson(event) && data.length > 0) return Buffer.concat([Buffer.from(`${head},"data":`), data, Buffer.from('}')]);
  return Buffer.from(`${head},"dataBase64":${JSON.stringify(data.toString('base64'))}}`);
}
