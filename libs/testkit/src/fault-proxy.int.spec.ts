import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
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

  const ask = (body = 'x'): Promise<number | string> => fetch(`http://127.0.0.1:${proxy.port}/`, { method: 'POST', body, headers: { connection: 'close' } }).then((answer) => answer.status, () => 'failed');

  it('lets everything through, is away, and comes back', async () => {
    expect(await ask()).toBe(200);
    proxy.away();
    expect(await ask()).toBe('failed');
    proxy.heal();
    expect(await ask()).toBe(200);
  });

  it('refuses connections while it is away', async () => {
    proxy.away();
    const socket = connect(proxy.port, '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
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

  it('makes the way long: a request and its answer take it one after the other', async () => {
    proxy.slow({ delayMs: 100 });
    const began = performance.now();
    expect(await ask()).toBe(200);
    // Timers may be a millisecond early.
    expect(performance.now() - began).toBeGreaterThan(195);
  });

  it('makes the way narrow, and what came through it is whole', async () => {
    proxy.slow({ bytesPerSecond: 200_000 });
    const began = performance.now();
    const body = 'abcdefghij'.repeat(6_000);
    expect(await ask(body)).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(250);
    expect(receiver.requests[0]?.body.toString()).toBe(body);
  });
});

describe('a connection that the way has forgotten', () => {
  let server: Server;
  let proxy: FaultProxy;
  const accepted: Socket[] = [];
  beforeEach(async () => {
    accepted.length = 0;
    server = createServer((socket) => void accepted.push(socket.on('error', () => undefined)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    proxy = await startFaultProxy({ port: (server.address() as AddressInfo).port });
  });
  afterEach(async () => {
    await proxy.stop();
    await new Promise((done) => server.close(done));
  });

  it('stays open on both sides and carries nothing more; a new one works', async () => {
    const heard: string[] = [];
    const client = connect(proxy.port, '127.0.0.1').on('error', () => undefined).on('data', (bytes) => heard.push(String(bytes)));
    await eventually(() => accepted[0], 'the connection');
    proxy.halfOpen();
    accepted[0]?.write('lost');
    client.destroy();
    const another = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
    const serving = await eventually(() => accepted[1], 'the second connection');
    serving.write('heard');
    expect(String((await once(another, 'data'))[0])).toBe('heard');
    expect([heard, accepted[0]?.destroyed, accepted[0]?.readableEnded]).toEqual([[], false, false]);
    another.destroy();
  });
});
