import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { targetPolicyOf } from '@hooklane/routing';
import { behaviours, startReceiver, type Receiver } from '@hooklane/testkit';
import type { SendResult } from '../attempt/classify.js';
import type { OutboundRequest, SendTimings } from '../ports.js';
import { UndiciSender } from './http-sender.js';

const open = targetPolicyOf({ allowLoopback: true, allowedTargets: [] });
const closed = targetPolicyOf({ allowLoopback: false, allowedTargets: [] });
const tls = { verify: true, caPem: '', clientCertificatePem: '', clientKeyPem: '' };

describe('sending', () => {
  let receiver: Receiver;
  let sender: UndiciSender;

  beforeAll(async () => {
    receiver = await startReceiver();
    sender = new UndiciSender(() => performance.now());
  });
  afterEach(() => receiver.clear());
  afterAll(async () => {
    await sender.close();
    await receiver.stop();
  });

  function send(path: string, changes: Partial<OutboundRequest> = {}): Promise<{ result: SendResult; timings: SendTimings }> {
    return new Promise((resolve) => {
      sender.send({
        origin: `http://127.0.0.1:${receiver.port}`, path, headers: ['Content-Type', 'text/plain', 'X-Case', 'kept'], body: Buffer.from('hello'), timeoutMs: 2_000, connectTimeoutMs: 0, tls, targets: open,
        mayStart: () => true,
        completed: (result, timings) => resolve({ result, timings }),
        ...changes,
      });
    });
  }

  it('gives the connection its own part of the time, and the rest to the answer', async () => {
    const silent = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const started = performance.now();
    // TLS to a listener that never answers the handshake: the connection does not stand.
    const { result } = await send('/', { origin: `https://127.0.0.1:${port}`, timeoutMs: 30_000, connectTimeoutMs: 200 });
    expect(result).toMatchObject({ kind: 'failure', code: 'timeout', detail: 'No connection to the receiver came about within 200 ms.' });
    expect(performance.now() - started).toBeLessThan(20_000);
    silent.close();
    receiver.on('/late', behaviours.delay(500));
    expect((await send('/late', { timeoutMs: 5_000, connectTimeoutMs: 100 })).result).toMatchObject({ kind: 'answer', status: 200 });
    expect((await send('/late', { timeoutMs: 300, connectTimeoutMs: 100 })).result).toMatchObject({ code: 'timeout', detail: 'The receiver did not answer within 300 ms.' });
  });

  it('sends exactly our headers and body, and times connect, first byte and total', async () => {
    receiver.on('/slow', behaviours.delay(50));
    const { result, timings } = await send('/slow');
    expect(result).toMatchObject({ kind: 'answer', status: 200 });
    const [request] = receiver.requests;
    expect(request?.body.toString()).toBe('hello');
    expect(request?.rawHeaders).toEqual(expect.arrayContaining(['Content-Type', 'text/plain', 'X-Case', 'kept']));
    expect(request?.headers['user-agent']).toBeUndefined();
    expect(timings.firstByteUs).toBeGreaterThan(40_000);
    expect(timings.totalUs).toBeGreaterThanOrEqual(timings.firstByteUs);
    // undici hands a connection out again one turn after its answer.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await send('/again')).timings.connectUs).toBe(0);
    expect(receiver.requests.at(-1)?.connection).toBe(request?.connection);
  });

  it('follows no redirect', async () => {
    receiver.on('/moved', behaviours.status(302, { headers: { location: '/elsewhere' } }));
    expect((await send('/moved')).result).toMatchObject({ kind: 'answer', status: 302 });
    expect(receiver.to('/elsewhere')).toHaveLength(0);
  });

  it('takes an answer that came in time although this process stood still until after the deadline', async () => {
    // On a thread of its own, because this one stands still.
    const answering = new Worker(
      "const { parentPort } = require('node:worker_threads'); require('node:http').createServer((_, response) => setTimeout(() => response.end('in time'), 50)).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });",
      { eval: true },
    );
    const [port] = (await once(answering, 'message')) as [number];
    const sent = send('/', { origin: `http://127.0.0.1:${port}`, timeoutMs: 300 });
    // It is on its way.
    await new Promise((resolve) => setTimeout(resolve, 20));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    expect((await sent).result).toMatchObject({ kind: 'answer', status: 200 });
    await answering.terminate();
  });

  it.each([['hangs', behaviours.hang()], ['drips', behaviours.drip(50, 10_000)]])('ends an attempt at its total deadline when the receiver %s', async (_name, behaviour) => {
    receiver.on('/late', behaviour);
    const startedMs = performance.now();
    const { result } = await send('/late', { timeoutMs: 400 });
    expect(result).toMatchObject({ kind: 'failure', code: 'timeout' });
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(400);
  });

  it('keeps 64 KiB of a flood and cuts it there', async () => {
    receiver.on('/flood', behaviours.flood(50 * 1024 * 1024));
    const { result } = await send('/flood');
    if (result.kind !== 'answer') throw new Error(JSON.stringify(result));
    expect([result.status, result.body.length, result.bodyCut]).toEqual([200, 64 * 1024, true]);
  });

  it('names what went wrong', async () => {
    receiver.on('/reset', behaviours.reset());
    expect((await send('/reset')).result).toMatchObject({ code: 'connection-reset' });
    expect((await send('/', { origin: 'http://127.0.0.1:1' })).result).toMatchObject({ code: 'connection-refused' });
    expect((await send('/', { origin: 'http://no-such-host.invalid' })).result).toMatchObject({ code: expect.stringMatching(/dns-failed|timeout/) as unknown });
    expect((await send('/', { headers: ['Bad\nName', 'x'] })).result).toMatchObject({ code: 'invalid-request' });
    expect((await send('/', { origin: `https://127.0.0.1:${receiver.port}` })).result).toMatchObject({ kind: 'failure', code: expect.stringMatching(/tls-failed|connection-reset/) as unknown });
  });

  it('is not held up by a hanging path of the same host', async () => {
    receiver.on('/hang', behaviours.hang());
    const hanging = Array.from({ length: 100 }, () => send('/hang', { timeoutMs: 1_500 }));
    const startedMs = performance.now();
    expect((await send('/fine')).result).toMatchObject({ status: 200 });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    await Promise.all(hanging);
  });

  it('breaks off when it is told to, once', async () => {
    receiver.on('/hang', behaviours.hang());
    const results: SendResult[] = [];
    const flight = sender.send({
      origin: `http://127.0.0.1:${receiver.port}`, path: '/hang', headers: [], body: Buffer.from('x'), timeoutMs: 5_000, connectTimeoutMs: 0, tls, targets: open, mayStart: () => true,
      completed: (result) => results.push(result),
    });
    await receiver.waitFor(1, { path: '/hang' });
    flight.interrupt();
    flight.interrupt();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(results).toEqual([{ kind: 'failure', code: 'interrupted', detail: '' }]);
  });

  it('looks at the lease once more before the first byte, on a new connection and on an open one', async () => {
    expect((await send('/never', { mayStart: () => false })).result).toEqual({ kind: 'not-started' });
    await send('/open');
    expect((await send('/never', { mayStart: () => false })).result).toEqual({ kind: 'not-started' });
    // What had been written would be there by then.
    await send('/later');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/open', '/later']);
  });

  describe('the target guard', () => {
    it.each(['127.0.0.1', '2130706433', '0x7f.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '10.0.0.1', '169.254.169.254'])('denies %s', async (host) => {
      const { origin } = new URL(`http://${host}:${receiver.port}`);
      expect((await send('/secret', { origin, targets: closed })).result).toMatchObject({ kind: 'failure', code: 'target-blocked' });
      expect(receiver.to('/secret')).toHaveLength(0);
    });

    it('lets through what the operator or the tenant allows', async () => {
      const tenants = targetPolicyOf({ allowLoopback: false, allowedTargets: [] }, ['127.0.0.0/8']);
      expect((await send('/ok', { targets: tenants })).result).toMatchObject({ status: 200 });
    });

    it('shares no socket between rules that differ', async () => {
      expect((await send('/a', { targets: open })).result).toMatchObject({ status: 200 });
      expect((await send('/b', { targets: closed })).result).toMatchObject({ code: 'target-blocked' });
    });
  });
});

it.each(['100 Continue', '101 Switching Protocols'])('calls an answer %s that nobody asked for what it is: no valid HTTP', async (status) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(`HTTP/1.1 ${status}\r\n${status.startsWith('101') ? 'connection: upgrade\r\nupgrade: x\r\n' : ''}\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sender = new UndiciSender(() => performance.now());
  const { port } = server.address() as { port: number };
  const result = await new Promise<SendResult>((resolve) => {
    sender.send({ origin: `http://127.0.0.1:${port}`, path: '/', headers: [], body: Buffer.from('x'), timeoutMs: 2_000, connectTimeoutMs: 0, tls, targets: open, mayStart: () => true, completed: resolve });
  });
  expect(result).toMatchObject({ kind: 'failure', code: 'protocol-error', detail: expect.stringContaining('100 Continue or 101') as unknown });
  await sender.close();
  await new Promise((resolve) => server.close(resolve));
});

it('sends again at once when nothing was written, and only then', async () => {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  // Closes the connection after having read the request: that one may have been acted upon.
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      seen.push(data.toString());
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sender = new UndiciSender(() => performance.now());
  const { port } = server.address() as { port: number };
  const result = await new Promise<SendResult>((resolve) => {
    sender.send({ origin: `http://127.0.0.1:${port}`, path: '/', headers: [], body: Buffer.from('x'), timeoutMs: 2_000, connectTimeoutMs: 0, tls, targets: open, mayStart: () => true, completed: resolve });
  });
  expect(result).toMatchObject({ kind: 'failure', code: 'connection-reset' });
  expect(seen).toHaveLength(1);
  await sender.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});
