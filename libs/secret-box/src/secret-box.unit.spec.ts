import { describe, expect, it } from '@jest/globals';
import { cryptoRandom } from '@hooklane/kernel';
import { masterKeyFrom } from './master-key.js';
import { SecretBox } from './secret-box.js';

const box = (fill: number): SecretBox => new SecretBox(masterKeyFrom(Buffer.alloc(32, fill).toString('base64')), cryptoRandom);
const plain = Buffer.from('whsec_c2VjcmV0');
const context = 'hook/acme/hook_1';
const codeOf = (open: () => unknown): string => {
  try {
    open();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'opened';
};

describe('the secret box', () => {
  it('opens what it sealed', () => {
    expect(box(1).open(box(1).seal(plain, context), context)).toEqual(plain);
  });

  it('never seals the same value to the same bytes', () => {
    expect(box(1).seal(plain, context)).not.toEqual(box(1).seal(plain, context));
  });

  it('does not open a value that was moved to another hook or tenant', () => {
    expect(codeOf(() => box(1).open(box(1).seal(plain, context), 'hook/rival/hook_1'))).toBe('sealed-value-damaged');
  });

  it.each([0, 20, -1])('does not open a value of which a byte was changed (at %d)', (at) => {
    const sealed = box(1).seal(plain, context);
    const index = at < 0 ? sealed.length + at : at;
    sealed[index] = (sealed[index] ?? 0) ^ 1;
    expect(codeOf(() => box(1).open(sealed, context))).toBe('sealed-value-damaged');
  });

  it('says when another master key sealed the value, without showing either', () => {
    expect(codeOf(() => box(2).open(box(1).seal(plain, context), context))).toBe('master-key-wrong');
  });

  it('refuses a master key that is not 32 bytes, without repeating it', () => {
    expect(() => masterKeyFrom('c2hvcnQ=')).toThrow(/base64 of 32 bytes/);
    expect(() => masterKeyFrom('c2hvcnQ=')).not.toThrow(/c2hvcnQ/);
  });
});
