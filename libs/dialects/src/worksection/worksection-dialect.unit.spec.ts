import { describe, expect, it } from '@jest/globals';
import type { DialectEvent, DialectSecrets, Rendered } from '../dialect.js';
import { dialectOf } from '../dialects.js';
import { isSuccess, resolvedOptions } from '../options.js';

const dialect = dialectOf('worksection');
const none: DialectSecrets = { signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [] };
const OCCURRED_AT_MS = Date.UTC(2026, 0, 2, 10, 16, 59, 999);

interface Given {
  readonly data: string;
  readonly dialectOptions?: string;
  readonly secrets?: DialectSecrets;
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}

function render(type: string, { data, dialectOptions = '', secrets = none, headers = [] }: Given): Rendered {
  const event: DialectEvent = { tenantId: 'acme', eventId: 'evt_1', type, project: '8601', orderingKey: '', occurredAtMs: OCCURRED_AT_MS, attributes: {}, contentType: 'application/json', data: Buffer.from(data), traceparent: '' };
  return dialect.prepare({ hookId: 'hook_1', envelope: 'none', headers, eventTypes: [type], dialectOptions }, secrets, 'Hooklane/0').render({ event, attemptNumber: 1, timestampMs: OCCURRED_AT_MS + 5_000 });
}

function sent(type: string, given: Given): { body: string; headers: string[] } {
  const rendered = render(type, given);
  if (!rendered.ok) throw new Error(rendered.reason);
  return { body: rendered.body.toString('utf8'), headers: rendered.headers };
}

const reasonOf = (type: string, data: string, dialectOptions?: string): string => {
  const rendered = render(type, { data, ...(dialectOptions === undefined ? {} : { dialectOptions }) });
  return rendered.ok ? `sent ${rendered.body.toString()}` : rendered.reason;
};

const ANA = '{"id":"41","email":"ana@x.example","name":"Ana"}';
const TASK = '{"id":"330090","page":"/project/8601/330090/"}';
const COMMENT = '{"id":19086,"page":"/project/8601/330090/#com19086"}';
const PROJECT = '{"id":"8601","page":"/project/8601/"}';

/** What a publisher hands in, and the bytes that a receiver of the product gets for it. Written by hand from dialects design 5.2. */
const golden: readonly (readonly [type: string, data: string, body: string])[] = [
  [
    'post_task',
    `{"object":${TASK},"user_from":${ANA},"new":{"title":"Grease the pump","text":"Двічі на рік","user_to":{"id":"2","email":"ANY","name":"Anyone"},"priority":"8","date_end":"2026-02-01"}}`,
    '[{"action":"post","object":{"type":"task","id":"330090","page":"/project/8601/330090/"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"},"new":{"title":"Grease the pump","text":"Двічі на рік","user_to":{"id":"2","email":"ANY","name":"Anyone"},"priority":"8","date_end":"2026-02-01"}}]',
  ],
  [
    'post_comment',
    `{"object":${COMMENT},"user_from":${ANA},"new":{"text":"Done?\\nSee the file","files":[{"id":"17362","size":512596,"name":"pump.png","page":"/download/17362/"}]}}`,
    '[{"action":"post","object":{"type":"comment","id":19086,"page":"/project/8601/330090/#com19086"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"},"new":{"text":"Done?\\nSee the file","files":[{"id":"17362","size":512596,"name":"pump.png","page":"/download/17362/"}]}}]',
  ],
  [
    // The sample of dialects design 5.2, to the letter.
    'post_project',
    `{"object":${PROJECT},"user_from":${ANA},"new":{"title":"Pump","user_to":${ANA}}}`,
    '[{"action":"post","object":{"type":"project","id":"8601","page":"/project/8601/"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"},"new":{"title":"Pump","user_to":{"id":"41","email":"ana@x.example","name":"Ana"}}}]',
  ],
  [
    'update_task',
    `{"user_from":${ANA},"old":{"custom_fields":{"7":{"id":"7","name":"Cost","type":"number","value":8.0,"text":"8"}}},"new":{"custom_fields":{"7":{"id":"7","name":"Cost","type":"number","value":1.50e3,"text":"1500"}}},"object":{"type":"task","id":"330090","page":"/task/330090/"}}`,
    '[{"action":"update","object":{"type":"task","id":"330090","page":"/task/330090/"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"},"new":{"custom_fields":{"7":{"id":"7","name":"Cost","type":"number","value":1.50e3,"text":"1500"}}},"old":{"custom_fields":{"7":{"id":"7","name":"Cost","type":"number","value":8.0,"text":"8"}}}}]',
  ],
  [
    'update_comment',
    `{"object":${COMMENT},"user_from":${ANA},"new":{"text":"b"},"old":{"text":"a"}}`,
    '[{"action":"update","object":{"type":"comment","id":19086,"page":"/project/8601/330090/#com19086"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"},"new":{"text":"b"},"old":{"text":"a"}}]',
  ],
  [
    'update_project',
    `{"object":${PROJECT},"user_from":${ANA},"new":{"time_end":"18:00"},"old":{"time_end":""}}`,
    '[{"action":"update","object":{"type":"project","id":"8601","page":"/project/8601/"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"},"new":{"time_end":"18:00"},"old":{"time_end":""}}]',
  ],
  [
    'delete_task',
    `{"object":${TASK},"user_from":${ANA},"old":{"title":"left out, as in the product"}}`,
    '[{"action":"delete","object":{"type":"task","id":"330090","page":"/project/8601/330090/"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"}}]',
  ],
  [
    'delete_comment',
    `{"object":${COMMENT},"user_from":${ANA}}`,
    '[{"action":"delete","object":{"type":"comment","id":19086,"page":"/project/8601/330090/#com19086"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"}}]',
  ],
  [
    'close_task',
    `{ "object" : ${TASK}, "user_from" : ${ANA} }`,
    '[{"action":"close","object":{"type":"task","id":"330090","page":"/project/8601/330090/"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"}}]',
  ],
  [
    'reopen_task',
    `{"object":${TASK},"user_from":${ANA}}`,
    '[{"action":"reopen","object":{"type":"task","id":"330090","page":"/project/8601/330090/"},"date_added":"2026-01-02 10:16","user_from":{"id":"41","email":"ana@x.example","name":"Ana"}}]',
  ],
];

describe("Worksection's request", () => {
  it.each(golden)('%s, byte for byte', (type, data, body) => {
    expect(sent(type, { data })).toEqual({ body, headers: ['Content-Type', 'application/json'] });
  });

  it('has golden bytes for every event that the product has', () => {
    expect(golden.map(([type]) => type).toSorted()).toEqual(dialect.catalogue.entries.map(({ type }) => type).toSorted());
  });

  it('has neither signature nor event header, and Basic authentication where the hook has a user (W9)', () => {
    const secrets = { ...none, signing: [{ value: 'never used', expiresAtMs: 0 }], basicAuthUser: 'ws', basicAuthPassword: 'pä:ss' };
    const { headers } = sent('close_task', { data: golden[8]![1], secrets, headers: [{ name: 'X-Own', value: 'kept' }] });
    expect(headers).toEqual(['Content-Type', 'application/json', 'X-Own', 'kept', 'Authorization', 'Basic d3M6cMOkOnNz']);
  });

  it.each([
    ['UTC', '2026-01-02 10:16'],
    ['Europe/Kyiv', '2026-01-02 12:16'],
    ['America/Los_Angeles', '2026-01-02 02:16'],
    ['Asia/Kathmandu', '2026-01-02 16:01'],
    ['Pacific/Kiritimati', '2026-01-03 00:16'],
  ])("dates an event by the account's clock: in %s at %s", (timeZone, dateAdded) => {
    const { body } = sent('close_task', { data: golden[8]![1], dialectOptions: JSON.stringify({ timeZone }) });
    expect((JSON.parse(body) as { date_added: string }[])[0]?.date_added).toBe(dateAdded);
  });

  it('can be spaced as Python writes, where a hook asks for it', () => {
    expect(sent('reopen_task', { data: golden[9]![1], dialectOptions: '{"serializer":"python"}' }).body).toMatch(/^\[\{"action": "reopen", "object": \{"type": "task", "id": "330090", /);
  });

  it.each([
    ['post_wiki', golden[0]![1], 'Worksection has no event "post_wiki".'],
    ['delete_project', golden[2]![1], 'Worksection has no event "delete_project".'],
    ['POST_TASK', golden[0]![1], 'Worksection has no event "POST_TASK".'],
    ['post_task', 'no JSON', "The event's data is no JSON, which the dialect worksection needs."],
    ['post_task', '[]', 'Worksection needs data that is an object with the members "object" and "user_from".'],
    ['post_task', `{"user_from":${ANA}}`, 'Worksection needs data.object: {"id", "page"}.'],
    ['post_task', `{"object":"330090","user_from":${ANA}}`, 'Worksection needs data.object: {"id", "page"}.'],
    ['post_task', `{"object":{"page":"/"},"user_from":${ANA}}`, 'Worksection needs data.object.id, a text or a number.'],
    ['post_task', `{"object":{"id":null,"page":"/"},"user_from":${ANA}}`, 'Worksection needs data.object.id, a text or a number.'],
    ['post_task', `{"object":{"id":1},"user_from":${ANA}}`, 'Worksection needs data.object.page, such as "/project/12/34/".'],
    ['post_task', `{"object":{"type":"comment","id":1,"page":"/"},"user_from":${ANA}}`, 'data.object.type must be "task", as the type of the event says, or be left out.'],
    ['post_task', `{"object":${TASK}}`, 'Worksection needs data.user_from: {"id", "email", "name"}.'],
    ['post_task', `{"object":${TASK},"user_from":{"email":"a","name":"b"}}`, 'Worksection needs data.user_from.id, a text or a number.'],
    ['post_task', `{"object":${TASK},"user_from":{"id":1,"name":"b"}}`, 'Worksection needs data.user_from.email and data.user_from.name, which are texts.'],
    ['post_task', `{"object":${TASK},"user_from":${ANA},"new":[]}`, 'data.new must be an object of the fields that changed.'],
    ['update_task', `{"object":${TASK},"user_from":${ANA},"new":{},"old":null}`, 'data.old must be an object of the fields that changed.'],
  ])('is never made of what does not fit: %s of %s', (type, data, reason) => {
    expect(reasonOf(type, data)).toBe(reason);
  });

  it('is not made where the zone is none, and says which', () => {
    expect(reasonOf('close_task', golden[8]![1], '{"timeZone":"Mars/Olympus"}')).toContain('"Mars/Olympus"');
  });
});

describe("Worksection's defaults", () => {
  it('wait 5 seconds, send nothing twice, and disable after 10 errors in a row (W6, W16)', () => {
    expect(dialect.defaults).toMatchObject({
      timeoutMs: 5_000,
      retry: { unavailableDelaysMs: [], rejectedDelaysMs: [], onExhausted: 'skip' },
      disablePolicy: { limit: 10, count: 'in-a-row' },
    });
  });

  it('take nothing but 200 with JSON that says OK for success, in any case or to the letter (W6)', () => {
    const answer = (status: number, contentType: string, body: string) => ({ status, body: Buffer.from(body), header: (name: string) => (name === 'content-type' ? contentType : undefined) });
    const { success } = dialect.options;
    const strict = resolvedOptions(dialect, JSON.stringify({ success: { ...success, body: { ...success.body, strictCase: true } } })).success;
    expect(isSuccess(success, answer(200, 'application/json', '{"status":"OK"}'))).toBe(true);
    expect(isSuccess(success, answer(200, 'application/json; charset=utf-8', '{"status":"ok"}'))).toBe(true);
    expect(isSuccess(strict, answer(200, 'application/json', '{"status":"ok"}'))).toBe(false);
    expect(isSuccess(strict, answer(200, 'application/json', '{"status":"OK"}'))).toBe(true);
    for (const wrong of [answer(201, 'application/json', '{"status":"OK"}'), answer(200, 'text/plain', '{"status":"OK"}'), answer(200, 'application/json', '{"ok":true}'), answer(200, 'application/json', 'OK')]) {
      expect(isSuccess(success, wrong)).toBe(false);
    }
  });

  it('make a hook disabled in the console, where it is enabled by hand (W12), and working at once where an API client registers', () => {
    expect(dialect.enabledByDefault('console')).toBe(false);
    expect(['api', 'worksection'].every((origin) => dialect.enabledByDefault(origin))).toBe(true);
    expect(dialect.probes).toBe(true);
  });

  it('have no secret to enter, for nothing is signed', () => {
    expect(dialect.userSecretRules).toMatchObject({ allowed: false, required: false });
    expect(dialect.settableOptions).not.toContain('signature');
  });
});
