import { describe, expect, it } from '@jest/globals';
import type { Sealer } from '../ports.js';
import { Sessions } from './sessions.js';

const HOUR_MS = 3_600_000;
/** Says what it was sealed for, and opens for nothing else. */
const sealer: Sealer = {
  seal: (text, context) => Buffer.from(JSON.stringify([context, text])).toString('base64url'),
  open(sealed, context) {
    try {
      const [sealedFor, text] = JSON.parse(Buffer.from(sealed, 'base64url').toString()) as [string, string];
      return sealedFor === context ? text : null;
    } catch {
      return null;
    }
  },
};
const at = (nowMs: number): Sessions => new Sessions(sealer, { nowMs: () => nowMs });
const T = 1_800_000_000_000;
const PASSWORD = 'a-sealed-password-of-some-length-aaaaaaaaaaaaaaaaaaaaaaaa';
const token = at(T).begin({ tenantId: 'acme', userId: 'usr_1', sealedPassword: PASSWORD });

describe('a session', () => {
  it('lasts a day', () => {
    expect(at(T + 24 * HOUR_MS - 1).open(token)).toMatchObject({ tenantId: 'acme', userId: 'usr_1' });
    expect(at(T + 24 * HOUR_MS).open(token)).toBeNull();
  });

  it('is of the password that began it', () => {
    const session = at(T).open(token)!;
    expect([session.isOf(PASSWORD), session.isOf(PASSWORD.replace(/a$/, 'b'))]).toEqual([true, false]);
  });

  it('is no other token, and no other token is one', () => {
    expect([at(T).isSession(token), at(T).isSession('hl_abc')]).toEqual([true, false]);
    expect([at(T).open('hls_x'), at(T).open('hls_'), at(T).open(`hls_${sealer.seal('["acme","usr_1","",9e15]', 'hook/acme')}`)]).toEqual([null, null, null]);
  });
});
