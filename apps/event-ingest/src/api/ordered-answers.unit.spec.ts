import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, Subject, toArray } from 'rxjs';
import { orderedAnswers } from './ordered-answers.js';

describe('orderedAnswers', () => {
  it('answers in the order of the requests, whichever answer is there first', async () => {
    const requests = new Subject<number>();
    const call = { pause: () => undefined, resume: () => undefined };
    const answers = lastValueFrom(orderedAnswers(requests, call, (batch) => Promise.resolve(batch.map((number) => new Promise<number>((resolve) => setTimeout(resolve, (7 - number) * 3, number))))).pipe(toArray()));
    for (let number = 0; number < 8; number++) requests.next(number);
    requests.complete();
    expect(await answers).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('submits the next batch only when the last one stands in its place', async () => {
    const requests = new Subject<number>();
    const batches: number[][] = [];
    let busy = 0;
    const submit = async (batch: readonly number[]) => {
      expect(++busy).toBe(1);
      batches.push([...batch]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      busy--;
      return batch.map((number) => Promise.resolve(number));
    };
    const answers = lastValueFrom(orderedAnswers(requests, { pause: () => undefined, resume: () => undefined }, submit).pipe(toArray()));
    requests.next(1);
    requests.next(2);
    await new Promise((resolve) => setTimeout(resolve, 2));
    requests.next(3);
    requests.complete();
    expect(await answers).toEqual([1, 2, 3]);
    expect(batches).toEqual([[1, 2], [3]]);
  });

  it('stops reading when a thousand requests wait for their answer, and goes on at half of that', async () => {
    const requests = new Subject<number>();
    const calls: string[] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const stream = orderedAnswers(requests, { pause: () => calls.push('pause'), resume: () => calls.push('resume') }, (batch) => Promise.resolve(batch.map((number) => gate.then(() => number))));
    const answers = lastValueFrom(stream.pipe(toArray()));
    for (let number = 0; number < 1_200; number++) requests.next(number);
    expect(calls).toEqual(['pause']);
    open();
    requests.complete();
    expect(await answers).toHaveLength(1_200);
    expect(calls).toEqual(['pause', 'resume']);
  });
});
