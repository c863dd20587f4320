import { describe, expect, it } from '@jest/globals';
import { isConnectionFailure, sentenceOf } from './failures.js';

describe('sentenceOf', () => {
  it('says of a full disk what helps, with the server\'s own words, and that it is one that passes', () => {
    const error = Object.assign(new Error('could not extend file "base/5/1": No space left on device'), { code: '53100' });
    expect(sentenceOf(error)).toBe('The disk of the database is full: make room there, and it goes on by itself (could not extend file "base/5/1": No space left on device).');
    expect(isConnectionFailure(error)).toBe(true);
  });

  it('leaves other failures in the server\'s own words', () => {
    expect(sentenceOf(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))).toBe('connect ECONNREFUSED');
  });
});
