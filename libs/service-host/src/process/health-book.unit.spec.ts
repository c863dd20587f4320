import { describe, expect, it } from '@jest/globals';
import { HealthBook } from './health-book.js';

describe('HealthBook', () => {
  it('names the workers that are not ready, and why', () => {
    const health = new HealthBook();
    const lanes = health.worker('delivery lanes');
    health.worker('log').ready();
    expect(health.notReady()).toEqual([{ worker: 'delivery lanes', reason: 'starting' }]);
    lanes.ready();
    expect(health.notReady()).toEqual([]);
    lanes.notReady('lease lost');
    expect(health.notReady()).toEqual([{ worker: 'delivery lanes', reason: 'lease lost' }]);
  });

  it('tells of changes of the whole, once each', () => {
    const health = new HealthBook();
    const [a, b] = [health.worker('a'), health.worker('b')];
    const heard: boolean[] = [];
    health.onChange((ready) => heard.push(ready));
    a.ready();
    b.ready();
    b.ready();
    a.notReady('x');
    b.notReady('y');
    expect(heard).toEqual([false, true, false]);
  });

  it('is never ready again once the process stops', () => {
    const health = new HealthBook();
    health.worker('a').ready();
    health.stopping('stopping');
    expect(health.notReady()).toEqual([{ worker: 'process', reason: 'stopping' }]);
  });
});
