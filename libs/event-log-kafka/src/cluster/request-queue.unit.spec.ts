import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from '@jest/globals';
import './kafka-client.js';

interface OpenQueue {
  readonly throttleCheckTimeoutId: NodeJS.Timeout | null;
  maybeThrottle(ms: number): void;
  push(request: object): void;
  fulfillRequest(response: object): void;
  scheduleRequestTimeoutCheck(): void;
  waitForPendingRequests(): Promise<void>;
  destroy(): void;
}

const Queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (options: object) => OpenQueue;
const quiet = { debug: () => undefined, warn: () => undefined };
const queues: OpenQueue[] = [];

function open(more: object = {}): OpenQueue {
  const queue = new Queue({ maxInFlightRequests: null, requestTimeout: 1_000, enforceRequestTimeout: false, clientId: 'test', broker: 'test', logger: quiet, ...more });
  queues.push(queue);
  return queue;
}

/** @returns resolves when it is sent */
function push(queue: OpenQueue, correlationId: number): Promise<void> {
  return new Promise((sent) => {
    queue.push({ entry: { correlationId, apiName: 'Test', apiKey: 0, apiVersion: 0, resolve: () => undefined, reject: () => undefined }, expectResponse: true, sendRequest: () => sent() });
  });
}

afterEach(() => {
  for (const queue of queues.splice(0)) queue.destroy();
});

describe('a connection of kafkajs', () => {
  it('has no timer that looks for waiting requests while none waits', async () => {
    const queue = open();
    await push(queue, 1);
    queue.fulfillRequest({ correlationId: 1, size: 0, payload: null });
    expect(queue.throttleCheckTimeoutId ?? null).toBeNull();
  });

  it('sends what waits for the end of a throttling, and looks no more', async () => {
    const queue = open();
    queue.maybeThrottle(20);
    const sent = push(queue, 1);
    expect(queue.throttleCheckTimeoutId).not.toBeNull();
    await sent;
    await new Promise((next) => setImmediate(next));
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('gives up what is under way when its time is over, also while it closes, so that closing ends', async () => {
    let isConnected = true;
    const queue = open({ requestTimeout: 250, enforceRequestTimeout: true, isConnected: () => isConnected });
    queue.scheduleRequestTimeoutCheck();
    const answered = new Promise((resolve, reject) => {
      queue.push({ entry: { correlationId: 1, apiName: 'Test', apiKey: 0, apiVersion: 0, resolve, reject }, expectResponse: true, sendRequest: () => undefined });
    });
    isConnected = false;
    const closed = queue.waitForPendingRequests();
    await expect(answered).rejects.toThrow('timed out');
    await closed;
  });
});
