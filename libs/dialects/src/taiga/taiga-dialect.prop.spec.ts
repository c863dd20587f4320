import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { TAIGA_TYPES } from './taiga-catalogue.js';
import { taigaDialect } from './taiga-dialect.js';

const hook = { hookId: 'hook_1', envelope: 'none', headers: [], eventTypes: ['*'], dialectOptions: '' };
const renderer = taigaDialect.prepare(hook, { signing: [{ value: 'k', expiresAtMs: 0 }], basicAuthUser: '', basicAuthPassword: '', headers: [] }, '');

function bodyOf(type: string, occurredAtMs: number, data: string): string | null {
  const event = { tenantId: 't', eventId: 'e', type, project: '', orderingKey: '', occurredAtMs, attributes: {}, contentType: 'application/json', data: Buffer.from(data), traceparent: '' };
  const rendered = renderer.render({ event, attemptNumber: 1, timestampMs: occurredAtMs });
  return rendered.ok ? rendered.body.toString('utf8') : null;
}

const member = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));
const type = fc.constantFrom(...TAIGA_TYPES);
const occurredAtMs = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });

describe("Taiga's envelope", () => {
  it('reads back as what was published, whatever it holds', () => {
    fc.assert(
      fc.property(type, occurredAtMs, member, member, member, fc.constantFrom(undefined, 1), (eventType, atMs, by, data, diff, indent) => {
        const [kind, action] = eventType.split('.');
        const change = { comment: '', diff };
        const body = bodyOf(eventType, atMs, JSON.stringify({ change, data, by }, null, indent));
        const envelope = { action, type: kind, by, date: new Date(atMs).toISOString(), data, ...(action === 'change' ? { change } : {}) };
        return body !== null && JSON.stringify(JSON.parse(body)) === JSON.stringify(JSON.parse(JSON.stringify(envelope)));
      }),
    );
  });

  it('keeps the spelling of every number', () => {
    const spelling = fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,12})?([eE][+-]?\d{1,3})?$/);
    fc.assert(fc.property(spelling, (number) => bodyOf('epic.create', 0, `{"by":null,"data":{"n":${number}}}`)?.endsWith(`"data": {"n": ${number}}}`) === true));
  });

  it('is either whole or refused, whatever the event is', () => {
    fc.assert(
      fc.property(fc.oneof(type, fc.string()), fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (eventType, data) => {
        const body = bodyOf(eventType, 0, data);
        return body === null || typeof (JSON.parse(body) as { data: unknown }).data === 'object';
      }),
    );
  });
});
