import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { startFaultProxy, type FaultProxy } from './fault-proxy.js';
import { startReceiver, type Receiver } from './receiver.js';

describe('startFaultProxy', () => {
  let receiver: Receiver;
  let proxy: FaultProxy;
  beforeEach(async () => {
    receiver = await startReceiver();
    proxy = await startFaultProxy(receiver);
  });
  afterEach(async () => {
    await proxy.stop();
    await receiver.stop();
  });

  const ask = (): Promise<number | string> => fetch(`http://127.0.0.1:${proxy.port}/`, { method: 'POST', body: 'x', headers: { connection: 'close' } }).then((answer) => answer.status, () => 'failed');

  it('lets everything through, is away, and comes back', async () => {
    expect(await ask()).toBe(200);
    proxy.away();
    expect(await ask()).toBe('failed');
    proxy.heal();
    expect(await ask()).toBe(200);
  });

  it('swallows what is sent until it heals', async () => {
    proxy.freeze();
    const asked = ask();
    proxy.heal();
    expect(await asked).toBe(200);
  });

  it('loses the answer of a request that arrived', async () => {
    proxy.loseAnswers();
    const asked = ask();
    await eventually(() => receiver.requests.length === 1, 'the request');
    proxy.cut();
    expect(await asked).toBe('failed');
    proxy.heal();
    expect(await ask()).toBe(200);
  });
});
