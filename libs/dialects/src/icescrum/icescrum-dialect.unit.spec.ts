import { describe, expect, it } from '@jest/globals';
import type { DialectEvent, DialectSecrets } from '../dialect.js';
import { isSuccess } from '../options.js';
import { icescrumCodes } from './icescrum-codes.js';
import { icescrumDialect } from './icescrum-dialect.js';

const none: DialectSecrets = { signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [] };

function rendered(type: string, data: string, { eventTypes = ['*'], secrets = none, dialectOptions = '' }: { eventTypes?: string[]; secrets?: DialectSecrets; dialectOptions?: string } = {}) {
  const event: DialectEvent = { tenantId: 'acme', eventId: 'evt_1', type, project: '', orderingKey: '', occurredAtMs: 0, attributes: {}, contentType: 'application/json', data: Buffer.from(data), traceparent: '' };
  return icescrumDialect.prepare({ hookId: 'hook_1', envelope: 'none', headers: [], eventTypes, dialectOptions }, secrets, 'Hooklane/1').render({ event, attemptNumber: 1, timestampMs: 5 });
}

function headersOf(result: ReturnType<typeof rendered>): Record<string, string> {
  if (!result.ok) throw new Error(result.reason);
  return Object.fromEntries(result.headers.flatMap((text, at, all) => (at % 2 === 0 ? [[text, all[at + 1] as string]] : [])));
}

const item = '{"class":"Story","id":23}';

describe('the iceScrum dialect', () => {
  it('signs the vector as its receivers compute it: HMAC-SHA1 over the exact bytes, hex without a prefix', () => {
    const body =
      '{"action": "test", "type": "test", "by": {"id": 7, "permalink": "http://t.example/profile/ana", "username": "ana", "full_name": "Ana Pérez", "photo": null, "gravatar_id": "0"}, "date": "2026-01-02T03:04:05.678Z", "data": {"test": "test"}}';
    expect(Buffer.byteLength(body)).toBe(239);
    const secrets = { ...none, signing: [{ value: 's3cr3t', expiresAtMs: 0 }] };
    for (const serializer of ['as-published', 'python']) {
      const result = rendered('story.update', body, { secrets, dialectOptions: JSON.stringify({ serializer }) });
      expect(result.ok && result.body.toString('utf8')).toBe(body);
      expect(headersOf(result)['x-icescrum-signature']).toBe('e1f23eb531a836539c2136549f2793e1f83eee0a');
    }
  });

  it('sends the item itself: its keys in their order, its numbers as they were spelt, any text in raw UTF-8, nothing between the tokens', () => {
    const result = rendered('story.update', '{ "class" : "Story", "id": 23, "effort": 8.0, "uid": 12345678901234567890, "name": "P\\u00fcmp \\ud83d\\udca7", "2": [ 1e2, null ], "1": {} }');
    expect(result).toMatchObject({ ok: true });
    expect(result.ok && result.body.toString('utf8')).toBe('{"class":"Story","id":23,"effort":8.0,"uid":12345678901234567890,"name":"Pümp 💧","2":[1e2,null],"1":{}}');
  });

  it('has no signature without a secret, and signs with the newest secret that lives', () => {
    expect(headersOf(rendered('story.update', item))).toEqual({ 'Content-Type': 'application/json', 'x-icescrum-event': 'story.update' });
    const signing = [{ value: 'old', expiresAtMs: 4 }, { value: 's3cr3t', expiresAtMs: 0 }, { value: 'older', expiresAtMs: 5 }];
    expect(headersOf(rendered('story.update', item, { secrets: { ...none, signing } }))['x-icescrum-signature']).toBe('9f9c54f192dc39747c9cc6d585af54cccbc71558');
  });

  it.each([
    ['asked for the update', ['story.update'], 'story.update'],
    ['asked for the state', ['story.state'], 'story.state'],
    ['asked for both', ['story.update', 'story.state'], 'story.state'],
    ['asked for everything', ['*'], 'story.state'],
    ['asked for all of stories', ['story.*'], 'story.state'],
    ['asked for the update and all of tasks', ['task.*', 'story.update'], 'story.update'],
  ])('calls a change of state by the code of who %s', (_, eventTypes, code) => {
    expect(headersOf(rendered('story.state', item, { eventTypes }))['x-icescrum-event']).toBe(code);
    const bracketed = headersOf(rendered('story.state', item, { eventTypes, dialectOptions: '{"legacyBracketedEvent":true}' }));
    expect(bracketed['x-icescrum-event']).toBe(code);
  });

  it('matches what is published as X.state for whoever asked for X.update, of the five kinds that have a state', () => {
    const { matched } = icescrumDialect.catalogue;
    expect(matched(['story.update', 'task.update', 'release.update', 'sprint.update', 'acceptanceTest.update', 'feature.update', 'actor.update', 'project.update', 'story.create'])).toEqual([
      'story.update', 'task.update', 'release.update', 'sprint.update', 'acceptanceTest.update', 'feature.update', 'actor.update', 'project.update', 'story.create',
      'story.state', 'task.state', 'release.state', 'sprint.state', 'acceptanceTest.state',
    ]);
    expect(matched(['story.update', 'story.state'])).toEqual(['story.update', 'story.state']);
    expect(matched(['*', 'story.*'])).toEqual(['*', 'story.*']);
  });

  it('knows the story events and drops codes that iceScrum does not know', () => {
    const { presets, unknownTypes, testEntry } = icescrumDialect.catalogue;
    expect(presets).toEqual({ 'story-events': ['story.create', 'story.update', 'story.delete', 'story.state'] });
    expect(unknownTypes).toBe('drop');
    expect(testEntry?.type).toBe('story.update');
    expect(icescrumCodes.server).toEqual(['user.create', 'user.update', 'user.delete', 'project.create', 'project.update', 'project.delete']);
    expect(icescrumCodes.project).toHaveLength(56);
    expect(icescrumCodes.project.slice(0, 13)).toEqual([
      'feature.create', 'feature.update', 'feature.delete', 'feature.addedComment', 'feature.updatedComment', 'feature.removedComment',
      'story.create', 'story.update', 'story.delete', 'story.state', 'story.addedComment', 'story.updatedComment', 'story.removedComment',
    ]);
  });

  it.each([
    ['story.update', 'no json', /no JSON/],
    ['story.update', '[{"class":"Story","id":1}]', /must be a JSON object/],
    ['story.update', '"text"', /must be a JSON object/],
    ['story.update', 'null', /must be a JSON object/],
    ['task.removedComment', '{"class":7}', /must be "Comment"/],
    ['story.addedComment', '{"class":"Story","id":1}', /must be "Comment"/],
  ])('says why %s with %s cannot be sent', (type, data, reason) => {
    expect(rendered(type, data)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it('gives 3 s to connect and 13 s in all, tries once, is content below 400, and stops after 5 failures in a row or deletes itself at 410', () => {
    const { defaults, options, userSecretRules } = icescrumDialect;
    expect(defaults).toEqual({ timeoutMs: 13_000, envelope: 'none', order: 'fifo', retry: { unavailableDelaysMs: [], unavailableGiveUpMs: 0, rejectedDelaysMs: [], onExhausted: 'skip' }, disablePolicy: { limit: 5, count: 'in-a-row' } });
    expect(options).toMatchObject({ connectTimeoutMs: 3_000, gone: 'delete', countNetworkErrors: true, legacyBracketedEvent: false });
    const answers = (status: number): boolean => isSuccess(options.success, { status, header: () => undefined, body: Buffer.alloc(0) });
    expect([200, 204, 302, 399].every(answers)).toBe(true);
    expect([400, 410, 500].some(answers)).toBe(false);
    expect(userSecretRules).toMatchObject({ allowed: true, required: false, prefixes: [] });
    expect(icescrumDialect.enabledByDefault('icescrum') && icescrumDialect.enabledByDefault('console')).toBe(true);
    expect(icescrumDialect.probes).toBe(false);
  });
});
