import { describe, expect, it } from '@jest/globals';
import { timeOrderedIds } from '@hooklane/kernel';
import { absence } from './retention.js';

describe('absence', () => {
  it('says expired of an id of ours that is older than what is kept, and not-found of a younger one', () => {
    const id = timeOrderedIds.next('evt');
    expect(absence('event', id, Date.now() + 60_000, Date.now()).code).toBe('expired');
    expect(absence('event', id, Date.now() - 60_000, Date.now()).code).toBe('not-found');
  });

  it.each(['', 'order-1', 'evt_1', 'evt_00000000000040008000000000000000', 'evt_0000000000007000c000000000000000'])('says not-found of "%s", which tells no time', (id) => {
    expect(absence('event', id, Date.now(), Date.now()).code).toBe('not-found');
  });

  it('says of what may be too young to be shown that it may come', () => {
    const id = timeOrderedIds.next('evt');
    const now = Date.now();
    expect(absence('event', id, 0, now).message).toMatch(/may not be shown yet/);
    expect(absence('event', 'order-1', 0, now).message).toMatch(/may not be shown yet/);
    expect(absence('event', id, 0, now + 5_000).message).toBe('There is no such event.');
  });
});
