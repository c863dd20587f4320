import { describe, expect, it } from '@jest/globals';
import { SourceState } from '@hooklane/contracts/topics';
import fc from 'fast-check';
import type { InboundCall } from './inbound-call.js';
import { receivedEvent } from './received-event.js';

const source: SourceState = { ...SourceState.decode(new Uint8Array()), sourceId: 'src_1', name: 'n', user: 'u', eventType: 't', forwardedHeaders: ['X-A'] };
const call = (body: Uint8Array, headers: InboundCall['headers'] = {}): InboundCall => ({ tenantId: 'acme', endpoint: 'tiki', method: 'POST', url: '/', remoteAddress: '', headers, query: {}, body });

describe('the event of a call', () => {
  it('has the body byte for byte where that is JSON, whatever its spacing and spelling', () => {
    const spacing = fc.constantFrom('', ' ', '\n', '\t\r\n');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), spacing, spacing, fc.constantFrom('application/json', 'application/vnd.x+json; charset=utf-8', '', 'text/plain'), (value, before, after, type) => {
        const body = Buffer.from(before + JSON.stringify(value, null, after.length) + after);
        const event = receivedEvent(source, call(body, { 'content-type': type }));
        expect(Buffer.from(event.data).equals(body)).toBe(true);
        expect(event.parsedData).toEqual(JSON.parse(body.toString()));
      }),
    );
  });

  it('has all bytes of any other body in its envelope', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.constantFrom('application/x-www-form-urlencoded', 'image/png', 'application/xml'), (body, type) => {
        const event = receivedEvent(source, call(body, { 'content-type': type }));
        const { contentType, bodyBase64 } = JSON.parse(Buffer.from(event.data).toString()) as { contentType: string; bodyBase64: string };
        expect([contentType, event.contentType, Buffer.from(bodyBase64, 'base64').equals(Buffer.from(body))]).toEqual([type, 'application/json', true]);
      }),
    );
  });

  it('has attributes that an event may have, whatever a forwarded header holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 3_000 }), (value) => {
        const text = receivedEvent(source, call(Buffer.from('1'), { 'x-a': value })).attributes['header.x-a'] ?? '';
        expect(text.length).toBe(Math.min(value.length, 1_024));
        // eslint-disable-next-line no-control-regex
        expect(text).not.toMatch(/[\u0000-\u001f\u007f]/);
      }),
    );
  });
});
