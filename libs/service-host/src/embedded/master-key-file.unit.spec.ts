import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cryptoRandom } from '@hooklane/kernel';
import { masterKeyOf } from './master-key-file.js';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'key-'));
  path = join(directory, 'master.key');
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('masterKeyOf', () => {
  it('makes a key that only we may read, and finds it again', () => {
    const made = masterKeyOf(path, null, cryptoRandom);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(masterKeyOf(path, made.id, cryptoRandom)).toEqual(made);
  });

  it('does not make another one when secrets were sealed with one that is gone', () => {
    expect(() => masterKeyOf(path, 'abcd1234', cryptoRandom)).toThrow(/is gone/);
  });

  it('says of a damaged file what it should hold, and nothing of what it holds', () => {
    writeFileSync(path, 'c2VjcmV0');
    expect(() => masterKeyOf(path, null, cryptoRandom)).toThrow('The master key must be base64 of 32 bytes; this one has 6.');
  });
});
