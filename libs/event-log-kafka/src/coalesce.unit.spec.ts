import { describe, expect, it } from '@jest/globals';
import { coalesce } from './coalesce.js';

describe('coalesce', () => {
  it('never answers with what was asked before the call, and asks once for all calls meanwhile', async () => {
    let asked = 0;
    const answers: ((value: number) => void)[] = [];
    const ask = coalesce(() => {
      asked += 1;
      return new Promise<number>((answer) => answers.push(answer));
    });
    const first = ask();
    const second = ask();
    const third = ask();
    expect(asked).toBe(1);
    answers[0]?.(10);
    expect(await first).toBe(10);
    await Promise.resolve();
    expect(asked).toBe(2);
    answers[1]?.(20);
    expect(await Promise.all([second, third])).toEqual([20, 20]);
  });

  it('asks again after a failure', async () => {
    let asked = 0;
    const ask = coalesce(() => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve(asked);
    });
    await expect(ask()).rejects.toThrow('away');
    expect(await ask()).toBe(2);
  });
});
