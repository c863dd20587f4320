import { describe, expect, it } from '@jest/globals';
import type { LoggedAttempt } from '../../ports.js';
import { logRow } from './log-row.js';

const attempt: LoggedAttempt = {
  number: 4711,
  attemptId: 'att_1',
  hookId: 'hook_1',
  eventId: 'evt_1',
  deliveryId: '',
  eventType: 'test.test',
  project: 'prj_1',
  trigger: 'test',
  startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 600),
  totalMs: 78,
  outcomeClass: 'success',
  status: 200,
  requestUrl: 'https://ci.example/taiga',
  requestHeaders: [{ name: 'Content-Type', value: 'application/json' }, { name: 'X-TAIGA-WEBHOOK-SIGNATURE', value: 'ab' }],
  requestBody: Buffer.from('{"action": "test", "data": {"value": 8.0, "big": 12345678901234567890}}'),
  responseHeaders: [{ name: 'Content-Type', value: 'text/plain' }, { name: 'Set-Cookie', value: 'a=1' }, { name: 'set-cookie', value: 'b=2' }],
  responseBody: Buffer.from('größe "ok"\n\u007f'),
  errorCode: '',
  errorSentence: '',
};

const row = (part: Partial<LoggedAttempt> = {}): Record<string, unknown> => JSON.parse(logRow({ ...attempt, ...part }, 5)) as Record<string, unknown>;

describe("a row of Taiga's log", () => {
  it('has the fields of Taiga, in their order', () => {
    expect(row()).toEqual({
      id: 4711,
      webhook: 5,
      url: 'https://ci.example/taiga',
      status: 200,
      request_data: { action: 'test', data: { value: 8, big: 12345678901234567890 } },
      request_headers: { 'Content-Type': 'application/json', 'X-TAIGA-WEBHOOK-SIGNATURE': 'ab', 'Content-Length': '71' },
      response_data: '{"content": "gr\\u00f6\\u00dfe \\"ok\\"\\n\\u007f"}',
      response_headers: { 'Content-Type': 'text/plain', 'Set-Cookie': 'a=1, b=2' },
      duration: 0.078,
      created: '2026-01-02T03:04:05.678Z',
    });
    expect(Object.keys(row())).toEqual(['id', 'webhook', 'url', 'status', 'request_data', 'request_headers', 'response_data', 'response_headers', 'duration', 'created']);
  });

  it('shows what was sent, number for number', () => {
    expect(logRow(attempt, 5)).toContain('"request_data":{"action": "test", "data": {"value": 8.0, "big": 12345678901234567890}}');
  });

  it('shows what is no JSON as a text, and nothing as an empty object', () => {
    expect(row({ requestBody: Buffer.from('a=b') })['request_data']).toBe('a=b');
    expect(row({ requestBody: Buffer.alloc(0) })['request_data']).toEqual({});
  });

  it.each([404, 500])('keeps the body of an answer %i as a text', (status) => {
    expect(row({ status, responseBody: Buffer.from('{"a":1}') })).toMatchObject({ status, response_data: '{"content": "{\\"a\\":1}"}', duration: 0.078 });
  });

  it.each([301, 302, 303, 307, 308])('shows a redirect %i with its status, as an error and without the answer', (status) => {
    expect(row({ status })).toMatchObject({ status, response_data: 'error-in-request: Redirects are not allowed', response_headers: {}, duration: 0 });
  });

  it('shows a request without an answer with the status 0 and why', () => {
    const none = { status: 0, responseHeaders: [], responseBody: Buffer.alloc(0), errorCode: 'connection-refused', errorSentence: 'Nothing listens at the receiver’s address and port.' };
    expect(row(none)).toMatchObject({ status: 0, response_data: 'error-in-request: Nothing listens at the receiver’s address and port.', response_headers: {}, duration: 0 });
    expect(Object.keys(row(none)['request_headers'] as object)).toContain('X-TAIGA-WEBHOOK-SIGNATURE');
  });

  it.each([
    ['target-blocked', 'Private IP Address not allowed'],
    ['dns-failed', 'Host access error'],
  ])('says of %s what Taiga says, without headers: nothing was sent', (errorCode, message) => {
    expect(row({ status: 0, errorCode, errorSentence: 'x' })).toMatchObject({ status: 0, request_headers: {}, response_data: `error-in-request: ${message}`, response_headers: {}, duration: 0 });
  });
});
