import { describe, expect, it } from '@jest/globals';
import { cryptoRandom } from '@hooklane/kernel';
import { ScryptPasswords } from './passwords.js';

const passwords = new ScryptPasswords(cryptoRandom);

describe('a password', () => {
  it('fits the hash that was made of it, composed or not, and no other', async () => {
    const hash = await passwords.hash('pässword');
    expect(hash).toMatch(/^scrypt\$32768\$8\$3\$[^$]{24}\$[^$]{44}$/);
    expect(await Promise.all([passwords.fits('pa\u0308ssword', hash), passwords.fits('password', hash), passwords.fits('pässword', null)])).toEqual([true, false, false]);
  }, 30_000);

  it('fits a hash of other costs', async () => {
    expect(await passwords.fits('x', 'scrypt$1024$8$1$c2FsdA==$ljRAcjKMylCC7hq9lf5SrHz/N+/rkQzHFTYhKbFcfN4=')).toBe(false);
  });

  it('is refused when a crowd asks at once, rather than that everybody waits', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => passwords.fits('x', 'scrypt$1024$8$1$c2FsdA==$AAAA')));
    expect(asked.filter(({ status }) => status === 'rejected').map((refused) => (refused as PromiseRejectedResult).reason.code)).toEqual(['too-many-logins', 'too-many-logins']);
  });
});
