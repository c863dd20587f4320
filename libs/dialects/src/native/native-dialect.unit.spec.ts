import { createHmac, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { DialectEvent, DialectSecrets } from '../dialect.js';
import { headerProblem } from '../header-value.js';
import { maskedHeaders, maskedUrl } from '../mask.js';
import { isSuccess } from '../options.js';
import { nativeDialect } from './native-dialect.js';
import { publicKeyOf } from './standard-webhooks.js';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const older = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const data = Buffer.from('{ "a":1.0,"b":1e2,"b":2,  "big":12345678901234567890,"é":"\\u00e9"}');
const event: DialectEvent = {
  tenantId: 'acme',
  eventId: 'evt_1',
  type: 'order.paid',
  project: '',
  orderingKey: '',
  occurredAtMs: Date.UTC(2026, 0, 2),
  attributes: { region: 'eu', 'not an extension': 'x' },
  contentType: 'application/json',
  data,
  traceparent: '',
};
const none: DialectSecrets = { signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [] };

function rendered(options: { envelope?: string; secrets?: DialectSecrets; event?: Partial<DialectEvent>; timestampMs?: number; headers?: { name: string; value: string }[] } = {}) {
  const hook = { hookId: 'hook_1', envelope: options.envelope ?? 'none', headers: options.headers ?? [], eventTypes: ['*'], dialectOptions: '' };
  const renderer = nativeDialect.prepare(hook, options.secrets ?? none, 'Hooklane/0.1.0');
  const result = renderer.render({ event: { ...event, ...options.event }, attemptNumber: 2, timestampMs: options.timestampMs ?? Date.now() });
  if (!result.ok) throw new Error(result.reason);
  const headers = new Map<string, string>();
  for (let at = 0; at < result.headers.length; at += 2) headers.set((result.headers[at] as string).toLowerCase(), result.headers[at + 1] as string);
  return { ...result, headers, flat: result.headers, renderer };
}

describe('the native dialect', () => {
  it('sends the bytes of the event untouched, and an independent Standard Webhooks library accepts the signature', () => {
    const { body, headers, bodyIsEventData } = rendered({ secrets: { ...none, signing: [{ value: secret, expiresAtMs: 0 }] } });
    expect(body.equals(data)).toBe(true);
    expect(bodyIsEventData).toBe(true);
    expect(() => new Webhook(secret).verify(body, Object.fromEntries(headers), { jsonParse: false } as never)).not.toThrow();
    expect(headers.get('hooklane-attempt')).toBe('2');
    expect(headers.get('user-agent')).toBe('Hooklane/0.1.0');
  });

  it('signs with every live secret during a rotation and with none that has expired', () => {
    const timestampMs = Date.now();
    const signing = [{ value: secret, expiresAtMs: 0 }, { value: older, expiresAtMs: timestampMs + 1 }];
    const during = rendered({ secrets: { ...none, signing }, timestampMs });
    expect(() => new Webhook(older).verify(during.body, Object.fromEntries(during.headers))).not.toThrow();
    expect(() => new Webhook(secret).verify(during.body, Object.fromEntries(during.headers))).not.toThrow();
    const after = rendered({ secrets: { ...none, signing }, timestampMs: timestampMs + 1 });
    expect(after.headers.get('webhook-signature')?.split(' ')).toHaveLength(1);
  });

  it('signs with Ed25519 for a whsk_ secret', () => {
    const whsk = `whsk_${Buffer.alloc(32, 3).toString('base64')}`;
    const { body, headers } = rendered({ secrets: { ...none, signing: [{ value: whsk, expiresAtMs: 0 }] } });
    const [version, signature] = (headers.get('webhook-signature') as string).split(',');
    const raw = Buffer.from(publicKeyOf(whsk).slice('whpk_'.length), 'base64');
    const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' });
    const signed = Buffer.concat([Buffer.from(`evt_1.${headers.get('webhook-timestamp')}.`), body]);
    expect(version).toBe('v1a');
    expect(verify(null, signed, key, Buffer.from(signature as string, 'base64'))).toBe(true);
  });

  it('keeps the data byte for byte inside both envelopes', () => {
    const standard = rendered({ envelope: 'standard' });
    expect(standard.body.includes(data)).toBe(true);
    expect(JSON.parse(standard.body.toString())).toMatchObject({ type: 'order.paid', timestamp: '2026-01-02T00:00:00.000Z' });
    const cloud = rendered({ envelope: 'cloudevents', event: { orderingKey: 'o-1', project: 'shop' } });
    expect(cloud.body.includes(data)).toBe(true);
    expect(cloud.headers.get('content-type')).toBe('application/cloudevents+json; charset=utf-8');
    expect(JSON.parse(cloud.body.toString())).toMatchObject({ specversion: '1.0', id: 'evt_1', source: '/tenants/acme/projects/shop', region: 'eu', partitionkey: 'o-1' });
    expect(JSON.parse(rendered({ envelope: 'standard', event: { contentType: 'text/plain' } }).body.toString()).data_base64).toBe(data.toString('base64'));
  });

  it('lets a CloudEvent out with the source, subject and data schema it came in with', () => {
    const attributes = { source: '/shop/7', subject: 'order/1', dataschema: 'https://example.org/order.json', myext: '7' };
    const { body } = rendered({ envelope: 'cloudevents', event: { attributes } });
    expect(JSON.parse(body.toString())).toMatchObject({ id: 'evt_1', ...attributes });
  });

  it('never writes what a header cannot carry', () => {
    const { headers } = rendered({ event: { orderingKey: 'käse\r\nX: 1', project: 'a b' } });
    expect(headers.get('hooklane-ordering-key')).toBe('k%C3%A4se%0D%0AX%3A%201');
    expect(headers.get('hooklane-project')).toBe('a b');
  });

  it('masks basic auth, secret headers and query values for the log', () => {
    const secrets = { ...none, basicAuthUser: 'u', basicAuthPassword: 'p', headers: [{ name: 'X-Token', value: 'very-secret' }] };
    const { flat, renderer, headers } = rendered({ secrets, headers: [{ name: 'X-Plain', value: 'shown' }] });
    expect(headers.get('authorization')).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
    const logged = JSON.stringify(maskedHeaders(flat, renderer.secretHeaders));
    expect(logged).toContain('shown');
    expect(logged).not.toContain('very-secret');
    expect(logged).not.toContain(Buffer.from('u:p').toString('base64'));
    expect(maskedUrl('https://u:p@example.org/a?token=x&b=y#f')).toBe('https://***@example.org/a?token=***&b=***');
  });

  it('takes any 2xx for success and nothing else', () => {
    const answer = (status: number) => isSuccess(nativeDialect.options.success, { status, header: () => undefined, body: Buffer.alloc(0) });
    expect([200, 204, 299].every(answer)).toBe(true);
    expect([199, 301, 400, 410, 500].some(answer)).toBe(false);
  });
});

describe('headerProblem', () => {
  it('refuses reserved names, bad names and injections', () => {
    for (const [name, value] of [['Host', 'x'], ['webhook-id', 'x'], ['Hooklane-Attempt', 'x'], ['bad name', 'x'], ['X-A', 'a\r\nB: c'], ['X-A', '☃']] as const) {
      expect(headerProblem(name, value)).not.toBeNull();
    }
    expect(headerProblem('X-Shop', 'ok')).toBeNull();
  });
});

it('is the HMAC of id, timestamp and body', () => {
  const { headers, body } = rendered({ secrets: { ...none, signing: [{ value: secret, expiresAtMs: 0 }] } });
  const expected = createHmac('sha256', Buffer.alloc(32, 7)).update(`evt_1.${headers.get('webhook-timestamp')}.`).update(body).digest('base64');
  expect(headers.get('webhook-signature')).toBe(`v1,${expected}`);
});
