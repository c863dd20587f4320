import { describe, expect, it } from '@jest/globals';
import { AppError } from '@hooklane/kernel';
import { binaryCloudEvent, cloudEventBatch, structuredCloudEvent } from './cloud-event.js';
import { nativeBatch, nativeEvent } from './native-body.js';

/** The data of issue 3 that every careless server changes. */
const NASTY = '{ "a":1.0,"b":1e2 , "b":2,"big":12345678901234567890,\t"é":"\\u00e9"}';
const body = (text: string): Buffer => Buffer.from(text);
const refusal = (run: () => unknown): { code: string; pointers: string[] } => {
  try {
    run();
  } catch (error) {
    const { code, details } = error as AppError;
    return { code, pointers: ((details.errors as { pointer: string }[] | undefined) ?? []).map(({ pointer }) => pointer) };
  }
  throw new Error('was accepted');
};

describe('native events', () => {
  it('keep the bytes of their data, singly and in a batch', async () => {
    expect(Buffer.from(nativeEvent(body(`{"type":"a", "data" :  ${NASTY} , "project":"p"}`), undefined).data).toString()).toBe(NASTY);
    const batch = await nativeBatch(body(`{"events":[{"data":1,"type":"a"} , {"type":"b","data":${NASTY}}]}`), null, undefined);
    expect(batch.map((item) => (item instanceof AppError ? item : Buffer.from(item.event.data).toString()))).toEqual(['1', NASTY]);
  });

  it('take every field, and nothing else', () => {
    const event = nativeEvent(
      body('{"type":"order.paid","data":null,"id":"e:1","project":"p 1","orderingKey":"k","occurredAt":"2026-01-02T03:04:05.678+01:00","attributes":{"a":"ü"}}'),
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    );
    expect(event).toMatchObject({ type: 'order.paid', id: 'e:1', project: 'p 1', orderingKey: 'k', occurredAtMs: Date.UTC(2026, 0, 2, 2, 4, 5, 678), attributes: { a: 'ü' }, parsedData: null, traceparent: expect.stringMatching(/^00-/) });
    expect(nativeEvent(body('{"type":"a","data":1}'), 'nonsense').traceparent).toBe('');
  });

  it.each([
    ['{', 'malformed-json', []],
    ['', 'malformed-json', []],
    ['\ufeff{"type":"a","data":1}', 'malformed-json', []],
    ['[]', 'invalid-request', ['']],
    ['{"type":"a"}', 'invalid-request', ['/data']],
    ['{"data":1}', 'invalid-request', ['/type']],
    ['{"type":"a b","data":1}', 'invalid-request', ['/type']],
    ['{"type":"a","data":1,"typ":2,"x/y":3}', 'invalid-request', ['/typ', '/x~1y']],
    ['{"type":"a","data":1,"__proto__":{}}', 'invalid-request', ['/__proto__']],
    ['{"type":"a","data":1,"id":"a b"}', 'invalid-request', ['/id']],
    ['{"type":"a","data":1,"orderingKey":"a\\r\\nX: 1"}', 'invalid-request', ['/orderingKey']],
    ['{"type":"a","data":1,"attributes":{"a":1}}', 'invalid-request', ['/attributes/a']],
    ['{"type":"a","data":1,"attributes":{"a":"\\n"}}', 'invalid-request', ['/attributes/a']],
    ['{"type":"a","data":1,"occurredAt":"yesterday"}', 'invalid-request', ['/occurredAt']],
    ['{"type":"a","data":1,"occurredAt":"1960-01-01T00:00:00Z"}', 'invalid-request', ['/occurredAt']],
    [`{"type":"a","data":${'['.repeat(65)}${']'.repeat(65)}}`, 'invalid-request', ['/data']],
    [`{"type":"a","data":"${'x'.repeat(262_143)}"}`, 'too-large', []],
  ])('%.50s is refused: %s %j', (text, code, pointers) => {
    expect(refusal(() => nativeEvent(body(text), undefined))).toEqual({ code, pointers });
  });

  it('refuse bytes that are not UTF-8, which would reach the receiver as they are', () => {
    expect(refusal(() => nativeEvent(Buffer.concat([body('{"type":"a","data":"'), Buffer.from([0xff]), body('"}')]), undefined))).toEqual({ code: 'malformed-json', pointers: [] });
  });

  it('refuse themselves only in a batch', async () => {
    const items = await nativeBatch(body('{"events":[{"type":"a","data":1},{"type":"a"},7,{"type":"a","data":1,"z":0}]}'), 'key', undefined);
    expect(items.map((item) => (item instanceof AppError ? (item.details.errors as { pointer: string }[])[0]?.pointer : item.idempotencyKey))).toEqual(['key/0', '/events/1/data', '/events/2', '/events/3/z']);
  });

  it.each([['{"events":[]}'], ['{"events":1}'], ['{"event":[]}'], ['[]'], [`{"events":[${'1,'.repeat(1_000)}1]}`]])('%.30s is no batch', async (text) => {
    await expect(nativeBatch(body(text), null, undefined)).rejects.toMatchObject({ code: 'invalid-request' });
  });
});

describe('CloudEvents', () => {
  const context = '"specversion":"1.0","id":"1","source":"/shop","type":"order.paid"';

  it('keep the bytes of structured data', async () => {
    expect(Buffer.from(structuredCloudEvent(body(`{${context},"data":${NASTY}}`), undefined).data).toString()).toBe(NASTY);
    const [item] = await cloudEventBatch(body(`[{${context},"data": ${NASTY} }]`), null, undefined);
    expect(item instanceof AppError ? item : Buffer.from(item?.event.data ?? []).toString()).toBe(NASTY);
  });

  it('map their context, extensions to attributes', () => {
    expect(structuredCloudEvent(body(`{${context},"time":"2026-01-01T00:00:00Z","subject":"s","partitionkey":"k","project":"p","sampled":true,"n":null,"data":{}}`), undefined)).toMatchObject({
      id: '1',
      type: 'order.paid',
      orderingKey: 'k',
      project: 'p',
      occurredAtMs: Date.UTC(2026, 0, 1),
      contentType: 'application/json',
      attributes: { source: '/shop', subject: 's', sampled: 'true' },
    });
  });

  it('carry data that is not JSON', () => {
    expect(structuredCloudEvent(body(`{${context},"datacontenttype":"text/xml","data":"<é/>"}`), undefined)).toMatchObject({ contentType: 'text/xml', data: Buffer.from('<é/>'), parsedData: undefined });
    expect(structuredCloudEvent(body(`{${context},"data_base64":"AAH/"}`), undefined)).toMatchObject({ contentType: 'application/octet-stream', data: Buffer.from([0, 1, 255]) });
    expect(structuredCloudEvent(body(`{${context}}`), undefined)).toMatchObject({ contentType: '', parsedData: undefined });
  });

  it('come in binary mode, percent-encoded where a header must be', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-type': 'a', 'ce-source': '/%C3%A9', 'ce-partitionkey': 'k', 'content-type': 'application/json; charset=utf-8' };
    expect(binaryCloudEvent(body(NASTY), headers)).toMatchObject({ data: body(NASTY), attributes: { source: '/é' }, orderingKey: 'k', contentType: 'application/json; charset=utf-8' });
    expect(refusal(() => binaryCloudEvent(body('{'), headers)).code).toBe('malformed-json');
    expect(refusal(() => binaryCloudEvent(body('1'), { ...headers, 'ce-source': '%' })).code).toBe('invalid-request');
    expect(binaryCloudEvent(body('<a/>'), { ...headers, 'content-type': 'text/xml' }).parsedData).toBeUndefined();
  });

  it.each([
    [`{"specversion":"0.3","id":"1","source":"s","type":"a"}`, ['/specversion']],
    [`{"specversion":"1.0","source":"s","type":"a"}`, ['/id']],
    [`{${context},"dataVersion":"1"}`, ['/dataVersion']],
    [`{${context},"ext":{}}`, ['/ext']],
    [`{${context},"data":1,"data_base64":""}`, ['/data_base64']],
    [`{${context},"data_base64":"*"}`, ['/data_base64']],
    [`{${context},"datacontenttype":"nonsense","data_base64":"AA=="}`, ['/datacontenttype']],
    ['7', ['']],
  ])('%.70s is refused at %j', (text, pointers) => {
    expect(refusal(() => structuredCloudEvent(body(text), undefined))).toEqual({ code: 'invalid-request', pointers });
  });
});
