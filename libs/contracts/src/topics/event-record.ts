import type { EventAccepted } from '../gen/hooklane/topics/v1/topics.js';
import { FieldReader } from './field-reader.js';
import { boundOfBytes, boundOfNumbers, boundOfPair, boundOfTexts, FieldWriter } from './field-writer.js';

/** `EventAccepted.encode` for the hot path, in 1 microsecond instead of 8 for an event of 1 KiB. The properties beside it hold both to the generated code. */
export function encodeEventAccepted(event: EventAccepted): Buffer {
  const writer = new FieldWriter(boundOf(event));
  writer.text(1, event.tenantId);
  writer.text(2, event.eventId);
  writer.text(3, event.type);
  writer.text(4, event.project);
  writer.text(5, event.orderingKey);
  writer.number(6, event.occurredAtMs);
  writer.number(7, event.acceptedAtMs);
  for (const key in event.attributes) writer.pair(8, key, event.attributes[key] as string);
  writer.text(9, event.contentType);
  writer.bytes(10, event.data);
  writer.text(11, event.incarnation);
  writer.number(12, event.sequence);
  writer.text(13, event.traceparent);
  return writer.finish();
}

/**
 * `EventAccepted.decode` for the hot path. `data` is a part of `record`, not a copy.
 * @throws Error for what is no such record
 */
export function decodeEventAccepted(record: Buffer): EventAccepted {
  const event = empty();
  const fields = new FieldReader(record);
  for (let field = fields.next(); field !== 0; field = fields.next()) readField(event, field, fields);
  return event;
}

function readField(event: EventAccepted, field: number, fields: FieldReader): void {
  switch (field) {
    case 1:
      event.tenantId = fields.text();
      return;
    case 2:
      event.eventId = fields.text();
      return;
    case 3:
      event.type = fields.text();
      return;
    case 4:
      event.project = fields.text();
      return;
    case 5:
      event.orderingKey = fields.text();
      return;
    case 6:
      event.occurredAtMs = fields.number();
      return;
    case 7:
      event.acceptedAtMs = fields.number();
      return;
    case 8:
      readAttribute(event.attributes, fields.bytes());
      return;
    case 9:
      event.contentType = fields.text();
      return;
    case 10:
      event.data = fields.bytes();
      return;
    case 11:
      event.incarnation = fields.text();
      return;
    case 12:
      event.sequence = fields.number();
      return;
    case 13:
      event.traceparent = fields.text();
      return;
    default:
      fields.skip();
  }
}

function readAttribute(attributes: Record<string, string>, entry: Buffer): void {
  let name = '';
  let value = '';
  const fields = new FieldReader(entry);
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) name = fields.text();
    else if (field === 2) value = fields.text();
    else fields.skip();
  }
  attributes[name] = value;
}

const NO_BYTES = Buffer.alloc(0);

function empty(): EventAccepted {
  return {
    tenantId: '',
    eventId: '',
    type: '',
    project: '',
    orderingKey: '',
    occurredAtMs: 0,
    acceptedAtMs: 0,
    attributes: {},
    contentType: '',
    data: NO_BYTES,
    incarnation: '',
    sequence: 0,
    traceparent: '',
  };
}

function boundOf(event: EventAccepted): number {
  const { tenantId, eventId, type, project, orderingKey, contentType, incarnation, traceparent } = event;
  let bytes = boundOfBytes(event.data) + boundOfNumbers(3) + boundOfTexts(tenantId, eventId, type, project, orderingKey) + boundOfTexts(contentType, incarnation, traceparent, '', '');
  for (const key in event.attributes) bytes += boundOfPair(key, event.attributes[key] as string);
  return bytes;
}
