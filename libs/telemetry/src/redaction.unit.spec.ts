import { describe, expect, it } from '@jest/globals';
import { redacted } from './redaction.js';

describe('redacted', () => {
  it('hides what is called a secret, at any depth', () => {
    expect(redacted({ hook: { signingSecret: 'x', headers: [{ Authorization: 'Bearer y' }] }, apiKey: 'z', keyId: 'key_1', url: 'https://a' })).toEqual({
      hook: { signingSecret: '[hidden]', headers: [{ Authorization: '[hidden]' }] }, apiKey: '[hidden]', keyId: 'key_1', url: 'https://a',
    });
  });

  it('hides our keys, webhook secrets and user info inside texts and errors', () => {
    expect(redacted(`key hl_${'a'.repeat(43)} and whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`)).toBe('key [hidden] and [hidden]');
    expect(redacted(new Error('connect postgres://joe:pw@db:5432/x failed'))).toMatchObject({ message: 'connect postgres://[hidden]@db:5432/x failed' });
  });

  it('never prints bytes', () => {
    expect(redacted({ body: Buffer.from('abc') })).toEqual({ body: '[3 bytes]' });
  });
});
