import { limits } from '@hooklane/contracts';
import type { SourceState } from '@hooklane/contracts/topics';
import { AppError } from '@hooklane/kernel';
import { valueSlice } from '../publish/json-slices.js';
import type { PublishedEvent } from '../publish/published-event.js';
import { headerOf, type InboundCall } from './inbound-call.js';

const JSON_TYPE = 'application/json';
/** Senders are careless about it; what they say is another thing is left alone. */
const MAY_BE_JSON = /^(?:$|(?:application|text)\/(?:[\w.-]+\+)?json\s*(?:;|$)|text\/plain\s*(?:;|$))/i;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/g;
// Refuses what is not UTF-8 and keeps a byte order mark, which is not JSON.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The event that a verified call becomes: of the source's type and project, in the name of its user. Its data is the body, byte for byte, where that is JSON;
 * of any other body `{"contentType":…,"bodyBase64":…}`. The attributes `source`, `handler` and `user` say whose it is, `header.<name>` what the forwarded headers say.
 * @throws AppError `too-large`
 */
export function receivedEvent(source: SourceState, call: InboundCall): PublishedEvent {
  const { bytes, parsed } = dataOf(call);
  if (bytes.length > limits.eventDataBytes) throw tooLarge();
  const traceparent = headerOf(call, 'traceparent') ?? '';
  return {
    id: null,
    type: source.eventType,
    project: source.project,
    orderingKey: '',
    occurredAtMs: null,
    attributes: attributesOf(source, call),
    contentType: JSON_TYPE,
    data: bytes,
    parsedData: parsed,
    traceparent: TRACEPARENT.test(traceparent) ? traceparent : '',
  };
}

/** Before it is verified: hashing costs, and an event could not hold more. @throws AppError `too-large` */
export function assertBodySize({ body }: Pick<InboundCall, 'body'>): void {
  if (body.length > limits.eventDataBytes) throw tooLarge();
}

function tooLarge(): AppError {
  return new AppError('too-large', `The body is larger than ${limits.eventDataBytes} bytes, or becomes so as base64.`, { details: { maxBytes: limits.eventDataBytes } });
}

function dataOf(call: InboundCall): { readonly bytes: Uint8Array; readonly parsed: unknown } {
  const contentType = headerOf(call, 'content-type') ?? '';
  const parsed = MAY_BE_JSON.test(contentType) ? parsedJson(call.body) : undefined;
  if (parsed !== undefined) return { bytes: call.body, parsed };
  const envelope = { contentType, bodyBase64: Buffer.from(call.body).toString('base64') };
  return { bytes: Buffer.from(JSON.stringify(envelope)), parsed: envelope };
}

/** @returns undefined for what is no JSON, or nests deeper than an event may */
function parsedJson(body: Uint8Array): unknown {
  try {
    const value = JSON.parse(decoder.decode(body)) as unknown;
    return valueSlice(body, 0).depth > limits.jsonDepth ? undefined : value;
  } catch {
    return undefined;
  }
}

function attributesOf({ sourceId, name, user, forwardedHeaders }: SourceState, call: InboundCall): Record<string, string> {
  const attributes: Record<string, string> = { source: sourceId, handler: name, user };
  for (const header of forwardedHeaders) {
    const value = headerOf(call, header);
    if (value !== undefined) attributes[`header.${header.toLowerCase()}`] = value.replaceAll(CONTROL, ' ').slice(0, limits.attributeValueLength);
  }
  return attributes;
}
