import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { DialectEvent, DialectHook, DialectSecrets, Rendered } from '../dialect.js';
import { dialectOf } from '../dialects.js';
import { isSuccess } from '../options.js';

const backlog = dialectOf('backlog');
const hook: DialectHook = { hookId: 'hook_1', envelope: 'none', headers: [], eventTypes: ['*'], dialectOptions: '' };
const noSecrets: DialectSecrets = { signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [] };
const DATA = '{"id": 991, "project": {"id": 1, "projectKey": "SHOP"}, "content": {"id": 55}, "notifications": [], "createdUser": {"id": 9, "name": "Ana"}}';

const event = (type: string, data = DATA): DialectEvent => ({
  tenantId: 't',
  eventId: 'evt_1',
  type,
  project: 'SHOP',
  orderingKey: '',
  occurredAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  attributes: {},
  contentType: 'application/json',
  data: Buffer.from(data),
  traceparent: '00-1-2-01',
});

const rendered = (input: DialectEvent, over: Partial<DialectHook> = {}, secrets = noSecrets): Rendered =>
  backlog.prepare({ ...hook, ...over }, secrets, 'Hooklane').render({ event: input, attemptNumber: 1, timestampMs: 0 });

function sent(input: DialectEvent, over: Partial<DialectHook> = {}, secrets = noSecrets): { headers: string[]; body: string } {
  const made = rendered(input, over, secrets);
  if (!made.ok) throw new Error(made.reason);
  return { headers: made.headers, body: made.body.toString('utf8') };
}

describe('a Backlog request', () => {
  it('is compact JSON with the number of the activity, the seconds of when it happened, and nothing of ours in its headers', () => {
    expect(sent(event('3'))).toEqual({
      headers: ['Content-Type', 'application/json'],
      body: '{"created":"2026-01-02T03:04:05Z","project":{"id":1,"projectKey":"SHOP"},"id":991,"type":3,"content":{"id":55},"notifications":[],"createdUser":{"id":9,"name":"Ana"}}',
    });
  });

  it('is the same by the name of the type and by its number', () => {
    expect(sent(event('issue.commented'))).toEqual(sent(event('3')));
    expect(sent(event('document.multi-created'))).toEqual(sent(event('48')));
  });

  it('takes numbers that Backlog has not given yet', () => {
    expect(sent(event('49')).body).toContain('"type":49,');
    expect(sent(event('2147483647')).body).toContain('"type":2147483647,');
  });

  it.each(['issue.exploded', '0', '03', '-1', '3.0', '2147483648'])('has no number for %s, and says so', (type) => {
    expect(rendered(event(type))).toEqual({ ok: false, reason: `Backlog has no number for the event type ${type}: publish a name of its catalogue, such as issue.commented, or a number.` });
  });

  it('keeps the spelling of numbers, the order of members and raw UTF-8, whatever the publisher sent them in', () => {
    const data = '{"createdUser":{"name":"\\u00c1na 山","id":9,"x":8.0},"content":{"b":1e2,"a":0.10},"project":{"projectKey":"S","id":1},"id":7}';
    expect(sent(event('1', data)).body).toBe(
      '{"created":"2026-01-02T03:04:05Z","project":{"projectKey":"S","id":1},"id":7,"type":1,"content":{"b":1e2,"a":0.10},"notifications":[],"createdUser":{"name":"Ána 山","id":9,"x":8.0}}',
    );
  });

  it('drops what has no place in the envelope, a whole recent update included', () => {
    expect(sent(event('3', DATA.replace('"id": 991', '"id": 991, "type": 4, "created": "2020-01-01T00:00:00Z", "extra": 1'))).body).toBe(sent(event('3')).body);
  });

  const without = (path: string, replacement: unknown): string => {
    const data = JSON.parse(DATA) as Record<string, Record<string, unknown>>;
    const [first, second] = path.split('.') as [string, string?];
    if (second === undefined) (data as Record<string, unknown>)[first] = replacement;
    else data[first]![second] = replacement;
    return JSON.stringify(data);
  };

  it.each([
    ['id', undefined, 'the number of the activity, a whole number'],
    ['id', '991', 'the number of the activity, a whole number'],
    ['id', 9.5, 'the number of the activity, a whole number'],
    ['project', undefined, 'an object'],
    ['project', 'SHOP', 'an object'],
    ['project.id', null, 'a whole number'],
    ['project.projectKey', 5, 'a text'],
    ['content', undefined, 'an object'],
    ['content', [], 'an object'],
    ['notifications', {}, 'a list, or absent'],
    ['createdUser', null, 'an object'],
    ['createdUser.id', '9', 'a whole number'],
    ['createdUser.name', undefined, 'a text'],
  ])('is not made where data.%s is %j', (path, value, what) => {
    expect(rendered(event('3', without(path, value)))).toEqual({ ok: false, reason: `Backlog needs data.${path}: ${what}.` });
  });

  it.each(['[1]', '"text"', '1', 'null'])('is not made of %s', (data) => {
    expect(rendered(event('3', data))).toEqual({ ok: false, reason: 'Backlog needs data that is an object with id, project, content and createdUser.' });
  });

  it('is not made of what is no JSON', () => {
    expect(rendered(event('3', '<xml/>'))).toEqual({ ok: false, reason: 'The event\'s data is no JSON, which the dialect backlog needs.' });
  });
});

describe('what a Backlog hook may choose', () => {
  const secrets: DialectSecrets = { ...noSecrets, signing: [{ value: 's3cr3t', expiresAtMs: 0 }] };

  it('signs nothing by default, not even with a secret', () => {
    expect(sent(event('3'), {}, secrets).headers).toEqual(['Content-Type', 'application/json']);
  });

  it('signs the exact body when the signature is switched on', () => {
    const signature = { ...backlog.options.signature, algorithm: 'sha256' };
    const { headers, body } = sent(event('3'), { dialectOptions: JSON.stringify({ signature }) }, secrets);
    expect(headers).toEqual(['Content-Type', 'application/json', 'X-Hub-Signature-256', `sha256=${createHmac('sha256', 's3cr3t').update(body).digest('hex')}`]);
    // By `openssl dgst -sha256 -hmac s3cr3t` over the body that stands in the first test.
    expect(headers[3]).toBe('sha256=f21ffe4d86e76b21f80f34ad01f7eb67c2fa5d2b2f0db550b7ed60ac5db9a8e5');
  });

  it('spaces as Python does, or sends the event\'s data as it is', () => {
    expect(sent(event('3'), { dialectOptions: '{"serializer":"python"}' }).body).toContain('{"created": "2026-01-02T03:04:05Z", "project": {"id": 1, ');
    expect(sent(event('3'), { dialectOptions: '{"serializer":"as-published"}' }).body).toBe(DATA);
  });

  it('starts with 10 s, one attempt, no limit of failures, any 2xx, and stays on 410', () => {
    expect(backlog.defaults).toMatchObject({ timeoutMs: 10_000, order: 'fifo', disablePolicy: { limit: 0 }, retry: { unavailableGiveUpMs: 0, rejectedDelaysMs: [], onExhausted: 'skip' } });
    expect(backlog.options.gone).toBe('fail');
    const answer = (status: number) => ({ status, header: () => undefined, body: Buffer.alloc(0) });
    expect([200, 201, 204, 302, 400, 410, 500].filter((status) => isSuccess(backlog.options.success, answer(status)))).toEqual([200, 201, 204]);
    expect([backlog.enabledByDefault('console'), backlog.enabledByDefault('backlog'), backlog.probes]).toEqual([true, true, false]);
  });
});
