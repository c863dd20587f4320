import type { DialectEvent } from '../dialect.js';

export interface Enveloped {
  readonly body: Buffer;
  readonly contentType: string;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i;
const CLOSE = Buffer.from('}');
const CLOUDEVENTS_TYPE = 'application/cloudevents+json; charset=utf-8';
// CloudEvents 1.0, "Naming Conventions"; these names are taken by the specification itself.
const EXTENSION_NAME = /^[a-z0-9]{1,20}$/;
const CONTEXT_ATTRIBUTES = new Set(['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema', 'data', 'partitionkey', 'traceparent', 'tracestate']);
/** Those of them that an event published as a CloudEvent keeps among its attributes: they go out as they came in. */
const KEPT_CONTEXT = ['subject', 'dataschema'] as const;

/** The payload that Standard Webhooks 1.0 recommends: type, timestamp, data. The data's bytes stand in it untouched. */
export function standardEnvelope(event: DialectEvent): Enveloped {
  const head = { type: event.type, timestamp: new Date(event.occurredAtMs).toISOString() };
  return { body: around(head, event), contentType: 'application/json' };
}

/** CloudEvents 1.0 in the structured JSON mode; attributes with a fitting name become extension attributes. */
export function cloudEventsEnvelope(event: DialectEvent): Enveloped {
  const head: Record<string, string> = {
    specversion: '1.0',
    id: event.eventId,
    source: event.attributes['source'] || `/tenants/${event.tenantId}${event.project ? `/projects/${encodeURIComponent(event.project)}` : ''}`,
    type: event.type,
    time: new Date(event.occurredAtMs).toISOString(),
    datacontenttype: event.contentType,
  };
  if (event.orderingKey) head['partitionkey'] = event.orderingKey;
  for (const name of KEPT_CONTEXT) if (event.attributes[name]) head[name] = event.attributes[name];
  for (const [name, value] of Object.entries(event.attributes)) {
    if (EXTENSION_NAME.test(name) && !CONTEXT_ATTRIBUTES.has(name)) head[name] = value;
  }
  return { body: around(head, event), contentType: CLOUDEVENTS_TYPE };
}

/** Appends the data member to the text of `head`. JSON goes in as it is, byte for byte (numbers keep their spelling); anything else as base64. */
function around(head: Record<string, string>, event: DialectEvent): Buffer {
  const opened = JSON.stringify(head).slice(0, -1);
  if (!JSON_TYPE.test(event.contentType)) return Buffer.from(`${opened},"data_base64":"${event.data.toString('base64')}"}`);
  return Buffer.concat([Buffer.from(`${opened},"data":`), event.data, CLOSE]);
}
