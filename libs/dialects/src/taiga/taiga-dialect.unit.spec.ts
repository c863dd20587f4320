import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { DialectEvent, DialectSecrets, Rendered } from '../dialect.js';
import { dialectOf } from '../dialects.js';
import { isSuccess, resolvedOptions } from '../options.js';
import { TAIGA_TYPES } from './taiga-catalogue.js';
import { taigaDialect } from './taiga-dialect.js';

interface Golden {
  readonly key: string;
  readonly occurredAt: string;
  readonly events: readonly { readonly eventType: string; readonly published: string; readonly body: string; readonly bodyBytes: number; readonly headers: readonly (readonly [string, string])[] }[];
}

const golden = JSON.parse(readFileSync(new URL('golden/golden.json', import.meta.url), 'utf8')) as Golden;

const secrets = (key: string): DialectSecrets => ({ signing: [{ value: key, expiresAtMs: 0 }], basicAuthUser: '', basicAuthPassword: '', headers: [] });

function render(given: { type: string; data: string; occurredAt?: string; key?: string; options?: string; secrets?: DialectSecrets }): Rendered {
  const event: DialectEvent = {
    tenantId: 'acme',
    eventId: 'evt_1',
    type: given.type,
    project: 'prj_1',
    orderingKey: 'pump 3',
    occurredAtMs: Date.parse(given.occurredAt ?? '2026-01-02T03:04:05.678Z'),
    attributes: { region: 'eu' },
    contentType: 'application/json; charset=utf-8',
    data: Buffer.from(given.data),
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  };
  const hook = { hookId: 'hook_1', envelope: 'none', headers: [], eventTypes: ['*'], dialectOptions: given.options ?? '' };
  return taigaDialect.prepare(hook, given.secrets ?? secrets(given.key ?? 's3cr3t'), 'Hooklane/0.1.0').render({ event, attemptNumber: 1, timestampMs: 1_770_000_000_000 });
}

function sent(given: Parameters<typeof render>[0]): { body: string; headers: string[] } {
  const rendered = render(given);
  if (!rendered.ok) throw new Error(rendered.reason);
  return { body: rendered.body.toString('utf8'), headers: rendered.headers };
}

const reasonOf = (type: string, data: string): string | undefined => {
  const rendered = render({ type, data });
  return rendered.ok ? undefined : rendered.reason;
};

describe('what Taiga sends', () => {
  it.each(golden.events)('is for $eventType, byte for byte with both signatures, what Python makes of it', ({ eventType, published, body, bodyBytes, headers }) => {
    const request = sent({ type: eventType, data: published, occurredAt: golden.occurredAt, key: golden.key });
    expect(request.body).toBe(body);
    expect(Buffer.byteLength(request.body)).toBe(bodyBytes);
    expect(request.headers).toEqual(headers.flat());
  });

  it('has golden bytes for every event type', () => {
    expect(golden.events.map(({ eventType }) => eventType).sort()).toEqual([...TAIGA_TYPES].sort());
    expect(TAIGA_TYPES.size).toBe(7 * 3 + 1);
  });

  it('is the vector of the design', () => {
    const by = { id: 7, permalink: 'http://t.example/profile/ana', username: 'ana', full_name: 'Ana Pérez', photo: null, gravatar_id: '0' };
    const { body, headers } = sent({ type: 'test.test', data: JSON.stringify({ data: { test: 'test' }, by }, null, 2) });
    expect(body).toBe(
      '{"action": "test", "type": "test", "by": {"id": 7, "permalink": "http://t.example/profile/ana", "username": "ana", "full_name": "Ana Pérez", "photo": null, "gravatar_id": "0"}, "date": "2026-01-02T03:04:05.678Z", "data": {"test": "test"}}',
    );
    expect(Buffer.byteLength(body)).toBe(239);
    const digest = 'e1f23eb531a836539c2136549f2793e1f83eee0a';
    expect(headers).toEqual(['Content-Type', 'application/json', 'X-TAIGA-WEBHOOK-SIGNATURE', digest, 'X-Hub-Signature', `sha1=${digest}`]);
  });

  it('carries nothing of Hooklane: no id, no time, no event header, no trace', () => {
    const { headers } = sent({ type: 'test.test', data: '{"by":null,"data":{}}' });
    expect(headers.filter((_, at) => at % 2 === 0)).toEqual(['Content-Type', 'X-TAIGA-WEBHOOK-SIGNATURE', 'X-Hub-Signature']);
  });

  it('takes its date from when it happened, always with three digits of milliseconds', () => {
    expect(sent({ type: 'epic.create', data: '{"by":null,"data":{}}', occurredAt: '2026-12-31T23:59:59Z' }).body).toBe('{"action": "create", "type": "epic", "by": null, "date": "2026-12-31T23:59:59.000Z", "data": {}}');
  });

  it('leaves out what its envelope has no place for', () => {
    const { body } = sent({ type: 'task.delete', data: '{"note":1,"data":{"id":1},"by":null,"change":{"diff":{}}}' });
    expect(Object.keys(JSON.parse(body) as object)).toEqual(['action', 'type', 'by', 'date', 'data']);
  });

  it.each([
    ['order.paid', '{"by":null,"data":{}}', /"order\.paid" is no event of Taiga/],
    ['milestone', '{"by":null,"data":{}}', /no event of Taiga/],
    ['userstory.archive', '{"by":null,"data":{}}', /no event of Taiga/],
    ['test.create', '{"by":null,"data":{}}', /no event of Taiga/],
    ['task.create', 'not JSON', /no JSON/],
    ['task.create', '[]', /member "by"/],
    ['task.create', '{"data":{}}', /member "by"/],
    ['task.create', '{"by":7,"data":{}}', /member "by"/],
    ['task.create', '{"by":{}}', /member "data"/],
    ['task.create', '{"by":{},"data":[1]}', /member "data"/],
    ['task.change', '{"by":{},"data":{}}', /member "change"/],
    ['task.change', '{"by":{},"data":{},"change":{"comment":"x"}}', /"diff"/],
  ])('cannot be made of %s with the data %s: a sentence says why', (type, data, reason) => {
    expect(reasonOf(type, data)).toMatch(reason);
  });
});

describe('the dialect taiga', () => {
  it('is one of the dialects', () => {
    expect(dialectOf('taiga')).toBe(taigaDialect);
  });

  it('waits 30 seconds, tries once, never disables, and takes 410 for a failure like any other', () => {
    const { defaults, options } = taigaDialect;
    expect(defaults).toEqual({
      timeoutMs: 30_000,
      envelope: 'none',
      order: 'fifo',
      retry: { unavailableDelaysMs: [], unavailableGiveUpMs: 0, rejectedDelaysMs: [], onExhausted: 'skip' },
      disablePolicy: { limit: 0, count: 'in-a-row' },
    });
    expect(options.gone).toBe('fail');
    expect([taigaDialect.enabledByDefault('console'), taigaDialect.enabledByDefault('taiga'), taigaDialect.probes]).toEqual([true, true, false]);
  });

  it.each([[200, true], [204, true], [299, true], [302, false], [404, false], [500, false]])('shows %i as a success: %s', (status, success) => {
    expect(isSuccess(taigaDialect.options.success, { status, body: Buffer.alloc(0), header: () => undefined })).toBe(success);
  });

  it('signs with the newest key after a change of it, in UTF-8', () => {
    const two: DialectSecrets = { ...secrets('old'), signing: [{ value: 'old', expiresAtMs: 0 }, { value: 's3cr3t', expiresAtMs: 0 }] };
    const data = '{"by":null,"data":{}}';
    expect(sent({ type: 'epic.create', data, secrets: two })).toEqual(sent({ type: 'epic.create', data }));
  });

  it('lets a hook choose another signature, another spacing and another success', () => {
    const options = JSON.stringify({ serializer: 'compact', signature: { algorithm: 'sha256', encoding: 'base64', headers: [{ name: 'X-Sum', prefix: '' }] } });
    const { body, headers } = sent({ type: 'epic.create', data: '{"by":null,"data":{"a":8.0}}', options });
    expect(body).toBe('{"action":"create","type":"epic","by":null,"date":"2026-01-02T03:04:05.678Z","data":{"a":8.0}}');
    expect(headers.slice(2)).toEqual(['X-Sum', 'YSY81UUaICFh0f4Q04rx3w7ae+47PeohYmjfn6mT9WY=']);
    expect(resolvedOptions(taigaDialect, options).success).toEqual(taigaDialect.options.success);
    expect(taigaDialect.settableOptions).not.toContain('legacyBracketedEvent');
  });
});
