import { describe, expect, it } from '@jest/globals';
import { nativeDialect } from '@hooklane/dialects';
import { classify, type SendFailureCode } from './classify.js';

const answer = (status: number) => classify({ kind: 'answer', status, headers: [], body: Buffer.alloc(0), bodyCut: false }, nativeDialect.options);
const failure = (code: SendFailureCode) => classify({ kind: 'failure', code, detail: '' }, nativeDialect.options);

describe('classifying an answer', () => {
  it.each([
    [200, 'success'], [204, 'success'],
    [301, 'rejected'], [400, 'rejected'], [404, 'rejected'], [410, 'rejected'],
    [408, 'unavailable'], [425, 'unavailable'], [429, 'unavailable'], [500, 'unavailable'], [503, 'unavailable'],
  ])('%d is %s', (status, outcomeClass) => expect(answer(status).outcomeClass).toBe(outcomeClass));

  it('hears 410 only as the dialect does', () => {
    expect(answer(410).gone).toBe(true);
    const deaf = { ...nativeDialect.options, gone: 'fail' } as const;
    expect(classify({ kind: 'answer', status: 410, headers: [], body: Buffer.alloc(0), bodyCut: false }, deaf).gone).toBe(false);
  });

  const json = ['Content-Type', 'application/json'];
  const demanding = { ...nativeDialect.options, success: { status: '200', body: { field: 'status', equals: 'OK', strictCase: false } } } as const;
  const answered = (status: number, body: string, bodyCut = false) => classify({ kind: 'answer', status, headers: json, body: Buffer.from(body), bodyCut }, demanding);

  it('demands what the hook demands of the body, and says what was wrong (W6)', () => {
    expect(answered(200, '{"status":"ok"}').outcomeClass).toBe('success');
    expect(answered(200, '{"status":"error"}')).toMatchObject({ outcomeClass: 'rejected', errorCode: 'unexpected-body', errorSentence: 'The receiver answered 200 with something else; the hook needs JSON with "status": "OK", as application/json.' });
    expect(answered(200, '{"status":"OK","x":"xx', true)).toMatchObject({ errorCode: 'unexpected-body', errorSentence: expect.stringContaining('more than 65536 bytes') });
    expect(answered(204, '{"status":"ok"}')).toMatchObject({ outcomeClass: 'rejected', errorCode: 'status-204', errorSentence: 'The receiver answered 204; the hook takes only 200 for a success.' });
    expect(answered(500, '{"status":"ok"}')).toMatchObject({ outcomeClass: 'unavailable', errorCode: 'status-500' });
  });

  it('counts what no answer came to only where the hook does', () => {
    const lenient = { ...nativeDialect.options, countNetworkErrors: false };
    expect(classify({ kind: 'failure', code: 'timeout', detail: '' }, lenient)).toMatchObject({ outcomeClass: 'unavailable', counts: false });
    expect(classify({ kind: 'answer', status: 500, headers: [], body: Buffer.alloc(0), bodyCut: false }, lenient)).toMatchObject({ counts: true });
    expect(failure('timeout').counts).toBe(true);
  });

  it.each([
    ['timeout', 'unavailable'], ['connection-refused', 'unavailable'], ['dns-failed', 'unavailable'], ['tls-failed', 'unavailable'],
    ['target-blocked', 'blocked'], ['invalid-request', 'invalid'], ['interrupted', 'interrupted'],
  ] as const)('%s is %s, with a sentence', (code, outcomeClass) => {
    const classified = failure(code);
    expect(classified.outcomeClass).toBe(outcomeClass);
    expect(classified.errorCode).toBe(code);
    expect(classified.errorSentence).toMatch(/\.$/);
  });
});
