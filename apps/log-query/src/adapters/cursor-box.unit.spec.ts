import { describe, expect, it } from '@jest/globals';
import { cryptoRandom } from '@hooklane/kernel';
import { masterKeyFrom, SecretBox } from '@hooklane/secret-box';
import { CursorBox } from './cursor-box.js';

const box = new SecretBox(masterKeyFrom(Buffer.alloc(32, 7).toString('base64')), cryptoRandom);
const cursors = new CursorBox(box);
const place = { timeMs: 1_795_000_000_000, offset: 9_007_199_254_740_991, partition: 47, hookId: 'hook_1' };

describe('CursorBox', () => {
  it('gives back the place, with a hook whose name says nothing of its form', () => {
    for (const hookId of ['', 'hook_1', 'a"b\\,]é']) expect(cursors.open('list', cursors.seal('list', { ...place, hookId }))).toEqual({ ...place, hookId });
  });

  it('refuses the cursors of the form before: a time and a number of writing, which means nothing any more', () => {
    const before = Buffer.alloc(16);
    before.writeBigInt64BE(1_795_000_000_000n, 0);
    before.writeBigInt64BE(42n, 8);
    expect(() => cursors.open('list', box.seal(before, 'cursor/list').toString('base64url'))).toThrow(expect.objectContaining({ code: 'invalid-cursor' }));
  });

  it('refuses a cursor of another list', () => {
    expect(() => cursors.open('other', cursors.seal('list', place))).toThrow(expect.objectContaining({ code: 'invalid-cursor' }));
  });
});
