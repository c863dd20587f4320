import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, startReceiver, type ReceivedRequest, type Receiver } from '@hooklane/testkit';
import { must } from '../src/platform/client.js';
import { eventually } from '../src/platform/eventually.js';
import { residentMib } from '../src/platform/memory.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';

/** HOOKLANE_BACKLOG_EVENTS=100000 is the long run. */
const EVENTS = Number(process.env['HOOKLANE_BACKLOG_EVENTS'] ?? 10_000);
const BATCH = 1_000;
const WITHIN_MS = 60_000 + EVENTS * 5;
const PAYLOAD_BYTES = 1_000;
/** What each process gets. */
const HEAP_MIB = 256;
/** V8 tidies up only when it must, and buffers live beside its heap. */
const MEMORY_SLACK_MIB = HEAP_MIB;

describe.each(modes)('a hook that is down while many events wait for it, $mode', ({ start }) => {
  let platform: Platform;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start({ env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` } });
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  const numbersOf = (requests: readonly ReceivedRequest[]): number[] => requests.map(({ body }) => (JSON.parse(body.toString()) as { n: number }).n);
  const publish = async (from: number, to: number): Promise<void> => {
    const pad = 'x'.repeat(PAYLOAD_BYTES);
    for (let first = from; first < to; first += BATCH) {
      const events = Array.from({ length: Math.min(BATCH, to - first) }, (_, index) => ({ type: 'backlog', data: { n: first + index, pad } }));
      const { results } = await must<{ results: { status: number }[] }>(platform, 'POST', '/v1/tenants/acme/events:batch', { events });
      expect(new Set(results.map(({ status }) => status))).toEqual(new Set([202]));
    }
  };

  it('memory stays flat, another hook gets everything meanwhile, and what waited arrives in order', async () => {
    receiver.on('/down', behaviours.status(503));
    const hook = (name: string, more: object): Promise<{ id: string }> => must<{ id: string }>(platform, 'POST', '/v1/tenants/acme/hooks', { name, url: receiver.url(`/${name}`), eventTypes: ['backlog'], ...more });
    const { id } = await hook('down', { retry: { unavailableDelaysMs: [500], unavailableGiveUpMs: 86_400_000 }, disablePolicy: { limit: 0 } });
    await hook('healthy', {});
    const aTenth = EVENTS / 10;
    await publish(0, aTenth);
    await receiver.waitFor(aTenth, { path: '/healthy', withinMs: WITHIN_MS });
    const early = residentMib(platform);

    const startedMs = performance.now();
    await publish(aTenth, EVENTS);
    const healthy = await receiver.waitFor(EVENTS, { path: '/healthy', withinMs: WITHIN_MS });
    const healthyMs = performance.now() - startedMs;
    expect(numbersOf(healthy)).toEqual(Array.from({ length: EVENTS }, (_, n) => n));
    await eventually(async () => expect(await must(platform, 'GET', `/v1/tenants/acme/hooks/${id}/lane`)).toMatchObject({ backlog: { count: EVENTS } }));
    const late = residentMib(platform);

    const failed = receiver.to('/down').length;
    expect(new Set(numbersOf(receiver.to('/down')))).toEqual(new Set([0]));
    receiver.on('/down', behaviours.status(200));
    const drainStartedMs = performance.now();
    await receiver.waitFor(failed + EVENTS, { path: '/down', withinMs: WITHIN_MS });
    const drainMs = performance.now() - drainStartedMs;
    // One attempt may have failed between the count and the recovery.
    await eventually(async () => expect(await must(platform, 'GET', `/v1/tenants/acme/hooks/${id}/lane`)).toMatchObject({ state: 'live', backlog: { count: 0 } }));
    const arrived = numbersOf(receiver.to('/down'));
    expect(arrived.slice(arrived.lastIndexOf(0))).toEqual(Array.from({ length: EVENTS }, (_, n) => n));
    expect(receiver.open('/down').most).toBe(1);
    if (process.env['HOOKLANE_BACKLOG_EVENTS']) {
      const rate = (count: number, ms: number): string => `${Math.round((count / ms) * 1_000)}/s`;
      console.log(`${EVENTS} waited; healthy hook ${rate(EVENTS - aTenth, healthyMs)}; drained ${rate(EVENTS, drainMs)}; memory ${Math.round(early)} MiB at a tenth, ${Math.round(late)} at all, ${Math.round(residentMib(platform))} after`);
    }
    expect(late - early).toBeLessThan(MEMORY_SLACK_MIB);
    expect(residentMib(platform) - early).toBeLessThan(MEMORY_SLACK_MIB);
  }, WITHIN_MS * 3);
});
