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
