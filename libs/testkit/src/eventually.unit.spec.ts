import { describe, expect, it } from '@jest/globals';
import { eventually, eventuallyPasses } from './eventually.js';

describe('eventually', () => {
  it('returns the first fact, also one that is 0 or empty', async () => {
    const looks = [null, undefined, false, 0, 1] as const;
    let look = 0;
    expect(await eventually(() => looks[look++], 'a fact')).toBe(0);
    expect(await eventually(async () => '', 'a text')).toBe('');
  });

  it('says what it waited for in vain', async () => {
    await expect(eventually(() => false, 'the end', 20)).rejects.toThrow('Waited 20 ms for the end.');
  });

  it('passes on at once what looking fails with', async () => {
    await expect(eventually(() => Promise.reject(new Error('blind')), 'a fact')).rejects.toThrow('blind');
  });
});

describe('eventuallyPasses', () => {
  it('repeats a check until it passes, and returns its answer', async () => {
    let checks = 0;
    const check = (): string => {
      checks += 1;
      if (checks < 3) throw new Error('not yet');
      return 'passed';
    };
    expect(await eventuallyPasses(check)).toBe('passed');
    expect(checks).toBe(3);
  });

  it('fails with the check’s last error', async () => {
    let checks = 0;
    await expect(eventuallyPasses(() => Promise.reject(new Error(`failure ${++checks}`)), 30)).rejects.toThrow(/^failure ([2-9]|\d\d+)$/);
  });
});
