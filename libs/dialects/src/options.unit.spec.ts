import { describe, expect, it } from '@jest/globals';
import { nativeDialect } from './native/native-dialect.js';
import { isSuccess, resolvedOptions, type SuccessOptions } from './options.js';

const answer = (status: number, body = '', contentType?: string) => ({ status, body: Buffer.from(body), header: (name: string) => (name === 'content-type' ? contentType : undefined) });
const ok: SuccessOptions = { status: '200', body: { field: 'status', equals: 'OK', strictCase: false } };

describe('what counts as a success', () => {
  it.each([
    ['2xx', 199, false], ['2xx', 200, true], ['2xx', 299, true], ['2xx', 300, false],
    ['below-400', 199, false], ['below-400', 302, true], ['below-400', 399, true], ['below-400', 400, false],
    ['200', 200, true], ['200', 201, false], ['200', 204, false],
  ] as const)('%s: %i is %s', (status, answered, success) => {
    expect(isSuccess({ status, body: null }, answer(answered))).toBe(success);
  });

  it.each([
    ['{"status":"OK"}', 'application/json', true],
    ['{"status":"ok"}', 'application/json; charset=utf-8', true],
    ['{"status":"OK"}', 'text/html', false],
    ['{"status":"OK"}', undefined, false],
    ['{"status":"error"}', 'application/json', false],
    ['{"status":true}', 'application/json', false],
    ['["status"]', 'application/json', false],
    ['null', 'application/json', false],
    ['OK', 'application/json', false],
    ['', 'application/json', false],
  ])('a body that must say OK (W6): %s as %s is %s', (body, contentType, success) => {
    expect(isSuccess(ok, answer(200, body, contentType))).toBe(success);
  });

  it('can be held to the letter', () => {
    const strict = { ...ok, body: { ...ok.body!, strictCase: true } };
    expect([isSuccess(strict, answer(200, '{"status":"OK"}', 'application/json')), isSuccess(strict, answer(200, '{"status":"ok"}', 'application/json'))]).toEqual([true, false]);
  });
});

describe("a hook's options", () => {
  it('are those of its dialect but for what it chose', () => {
    expect(resolvedOptions(nativeDialect, '')).toBe(nativeDialect.options);
    expect(resolvedOptions(nativeDialect, '{"gone":"fail"}')).toEqual({ ...nativeDialect.options, gone: 'fail' });
  });
});
