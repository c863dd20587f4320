import { describe, expect, it } from '@jest/globals';
import { limits } from '@hooklane/contracts';
import { InboundCalled, SourceState } from '@hooklane/contracts/topics';
import fc from 'fast-check';
import { calledRecord, type InboundFate } from './called-record.js';
import type { InboundCall } from './inbound-call.js';

const SECRET = 'Zq7-never-shown-Zq7';
const source: SourceState = { ...SourceState.decode(new Uint8Array()), kind: 'tiki', header: 'X-Odd-Name' };
const fate: InboundFate = { outcome: 'refused', reason: 'signature-wrong', sentence: '', status: 403, source: null, eventId: '' };
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);
const call = (part: Partial<InboundCall>): InboundCall => ({ tenantId: 'acme', endpoint: 'tiki', method: 'POST', url: '/in/acme/tiki-webhooks.php', remoteAddress: '', headers: {}, query: {}, body: new Uint8Array(), ...part });
const written = (part: Partial<InboundCall>, as = fate): InboundCalled => InboundCalled.decode(InboundCalled.encode(calledRecord(call(part), 'tiki', as, [source], { callId: 'in_1', atMs: 1 })).finish());

describe('a call in the inbound log', () => {
  it('never shows what came in a header that carries credentials, by its name or by a source, nor a value of the query', () => {
    const secretName = fc.constantFrom('authorization', 'cookie', 'x-odd-name', 'x-hub-signature-256', 'webhook-signature', 'x-gitlab-token', 'x-api-key', 'proxy-authorization', 'x-client-secret');
    fc.assert(
      fc.property(secretName, fc.dictionary(name, fc.string()), name, fc.string({ unit: 'binary' }), (header, others, parameter, prefix) => {
        const url = `/in/acme/x?${encodeURIComponent(prefix)}=1&${parameter}=${SECRET}&${SECRET}`;
        const called = written({ headers: { ...others, [header]: SECRET }, url });
        expect(JSON.stringify([called.headers, called.path])).not.toContain(SECRET);
        expect(called.headers).toContainEqual({ name: header, value: '***' });
      }),
    );
  });

  it('is small, whatever is sent', () => {
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ minLength: 500, maxLength: 3_000 }), { maxKeys: 80 }), fc.nat(300_000), fc.string({ maxLength: 3_000, size: 'max' }), (headers, bytes, path) => {
        const part = { headers, body: new Uint8Array(bytes), url: path };
        const refused = written(part);
        expect([refused.body.length, refused.bodyBytes]).toEqual([Math.min(bytes, limits.refusedBodyBytes), bytes]);
        expect(written(part, { ...fate, outcome: 'accepted' }).body.length).toBe(Math.min(bytes, limits.inboundBodyBytes));
        expect(refused.headers.length).toBeLessThanOrEqual(64);
        expect(Math.max(0, refused.path.length, ...refused.headers.map(({ value }) => value.length))).toBeLessThanOrEqual(1_024);
      }),
      { numRuns: 50 },
    );
  });
});
