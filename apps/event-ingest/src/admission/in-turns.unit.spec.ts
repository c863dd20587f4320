import { describe, expect, it } from '@jest/globals';
import { inTurns } from './in-turns.js';

describe('a long list in turns', () => {
  it('is mapped in order, and lets others have the event loop meanwhile', async () => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const mapped = await inTurns(Array.from({ length: 1_000 }, (_, n) => n), (n, index) => [n, index, turns]);
    clearImmediate(timer);
    expect(mapped.map(([n, index]) => [n, index])).toEqual(Array.from({ length: 1_000 }, (_, n) => [n, n]));
    expect(mapped.at(-1)?.[2]).toBeGreaterThanOrEqual(30);
  });

  it('fails with what the mapping throws', async () => {
    await expect(inTurns([1, 2], () => { throw new Error('no'); })).rejects.toThrow('no');
  });
});
