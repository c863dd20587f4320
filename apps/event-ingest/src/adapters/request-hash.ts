import { createHash } from 'node:crypto';
import type { PublishedEvent } from '../publish/published-event.js';

/** SHA-256 over every field that the publisher gave: requests with the same hash are the same request. The fields are written as JSON, so that none runs into the next. */
export function requestHash(event: PublishedEvent): Buffer {
  const hash = createHash('sha256');
  const attributes = Object.entries(event.attributes).sort(([left], [right]) => (left < right ? -1 : 1));
  const fields = [event.id ?? '', event.type, event.project, event.orderingKey, String(event.occurredAtMs ?? ''), event.contentType, ...attributes.flat()];
  hash.update(JSON.stringify(fields));
  hash.update(event.data);
  return hash.digest();
}

/** What the catalog knows an API key by. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
