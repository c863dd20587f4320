import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { testClock } from '@hooklane/testkit';
import { AdmissionGate } from './admission-gate.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function gate(part: { waitingBytesMax?: number } = {}) {
  const clock = testClock();
  const load = { fullness: 0 };
  const waits: number[] = [];
  const made = new AdmissionGate({ fullness: () => load.fullness, clock, patienceMs: 1_000, waitingBytesMax: part.waitingBytesMax ?? 1_000, waited: (seconds) => waits.push(seconds) });
  const log: string[] = [];
  const enter = (name: string, tenantId = 'a', events = 1, bytes = 1): void => {
    const entered = made.enter(tenantId, events, bytes);
    if (entered === undefined) log.push(name);
    else entered.then(() => log.push(name), (error: { code: string }) => log.push(`${name} ${error.code}`));
  };
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await jest.advanceTimersByTimeAsync(ms);
  };
  return { made, load, waits, log, enter, pass };
}

describe('the gate', () => {
  it('lets everybody through at once while nothing is full', () => {
    const { log, enter, waits } = gate();
    enter('one');
    enter('two', 'b');
    expect(log).toEqual(['one', 'two']);
    expect(waits).toEqual([]);
  });

  it('keeps requests waiting while something is full and lets them in, in order, when it no longer is', async () => {
    const { load, log, enter, pass, waits, made } = gate();
    load.fullness = 2;
    enter('one');
    enter('two');
    await pass(500);
    expect(log).toEqual([]);
    expect(made.waiting()).toBe(2);
    load.fullness = 0.5;
    enter('three');
    await pass(10);
    expect(log).toEqual(['one', 'two', 'three']);
    expect(waits).toEqual([0.51, 0.51, 0.01]);
  });

  it('lets tenants take turns', async () => {
    const { load, log, enter, pass } = gate();
    load.fullness = 2;
    for (const name of ['a1', 'a2', 'a3']) enter(name, 'a');
    enter('b1', 'b');
    load.fullness = 0;
    await pass(10);
    expect(log).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('lets in no more than can be seen: 1,000 events under way, and the next when they are answered', async () => {
    const { log, enter, pass, made } = gate();
    enter('one', 'a', 500);
    enter('two', 'a', 500);
    enter('three', 'a', 1_000);
    await pass(100);
    expect(log).toEqual(['one', 'two']);
    made.left(500);
    await pass(0);
    expect(log).toEqual(['one', 'two', 'three']);
  });

  it('refuses who has waited in vain, and at once when too much is waiting', async () => {
    const { load, log, enter, pass } = gate({ waitingBytesMax: 100 });
    load.fullness = 2;
    enter('one', 'a', 1, 90);
    expect(() => enter('two', 'b', 1, 11)).toThrow(expect.objectContaining({ code: 'overloaded', retryAfterMs: 1_000 }));
    await pass(990);
    expect(log).toEqual([]);
    await pass(20);
    expect(log).toEqual(['one overloaded']);
    load.fullness = 0;
    enter('three');
    expect(log).toEqual(['one overloaded', 'three']);
  });

  it('does not keep a tenant that brings little waiting for one that floods', () => {
    const { load, log, enter, made } = gate();
    for (let n = 0; n < 9; n += 1) {
      enter('flood', 'a', 100);
      made.left(100);
    }
    load.fullness = 1.5;
    enter('flooding on', 'a', 100);
    log.length = 0;
    enter('modest', 'b', 10);
    expect(log).toEqual(['modest']);
    enter('not modest', 'c', 900);
    expect(log).toEqual(['modest']);
    load.fullness = 2;
    enter('modest, and too full', 'b', 1);
    expect(log).toEqual(['modest']);
    load.fullness = 1.5;
    enter('behind its own', 'b', 1);
    expect(log).toEqual(['modest']);
  });

  it('keeps all waiting where all bring the same', () => {
    const { load, log, enter } = gate();
    for (const tenant of ['a', 'b', 'c']) enter(tenant, tenant, 100);
    load.fullness = 1.5;
    log.length = 0;
    for (const tenant of ['a', 'b', 'c']) enter(tenant, tenant, 10);
    expect(log).toEqual([]);
  });
});
