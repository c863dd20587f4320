import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { phpQuery, withoutParameter } from './signed-text.js';

const name = fc.stringMatching(/^[a-z_]{1,12}$/).filter((text) => text !== 'hash');
const text = fc.string({ unit: 'grapheme' });

describe('the text that clients hash', () => {
  it("says every parameter but the hash, and nothing else: what PHP's http_build_query writes reads back equal", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, text), { selector: ([first]) => first }), (pairs) => {
        const built = phpQuery(Object.fromEntries([...pairs, ['hash', 'x']]), 'hash');
        expect([...new URLSearchParams(built)]).toEqual(pairs);
        expect(built).toMatch(/^[A-Za-z0-9\-_.%+&=]*$/);
      }),
    );
  });

  it('is the query as it was sent, wherever in it the hash stands', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, text), { minLength: 1 }), fc.nat(), (pairs, place) => {
        const sent = pairs.map(([first, second]) => `${first}=${encodeURIComponent(second)}`);
        const at = place % (sent.length + 1);
        expect(withoutParameter([...sent.slice(0, at), 'hash=abc', ...sent.slice(at)].join('&'), 'hash')).toBe(sent.join('&'));
      }),
    );
  });
});
