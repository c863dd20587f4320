import type { DomainEvent } from '../decider.js';
import type { EventMeta, RecordedEvent } from '../event-store.js';

/** A row of `events` as the driver gives it: bigint as text, jsonb parsed. */
export interface EventRow {
  readonly id: string;
  readonly stream_id: string;
  readonly version: number;
  readonly type: string;
  readonly data: object;
  readonly meta: EventMeta;
}

export function recordedEventOf<Event extends DomainEvent>(row: EventRow): RecordedEvent<Event> {
  return { id: Number(row.id), streamId: row.stream_id, version: row.version, event: { type: row.type, data: row.data } as Event, meta: row.meta };
}
