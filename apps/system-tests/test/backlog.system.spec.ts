import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventuallyPasses, startReceiver, type ReceivedRequest, type Receiver } from '@hooklane/testkit';
import { must } from '../src/platform/client.js';
import { measurableMemory, memoryOf, type MemoryMib } from '../src/platform/memory.js';
import { modes } from '../src/platform/modes.js';
import type { Platform } from '../src/platform/platform.js';
import { makeRunDirectory } from '../src/platform/run-directory.js';

/** HOOKLANE_BACKLOG_EVENTS=100000 is the long run. */
const EVENTS = Number(process.env['HOOKLANE_BACKLOG_EVENTS'] ?? 10_000);
const BATCH = 1_000;
const WITHIN_MS = 120_000 + EVENTS * 10;
const PAYLOAD_BYTES = 1_000;
/** What each process gets. */
const HEAP_MIB = 256;
/** A cache of fixed size that the first tenth of the events must fill: what grows after that is not the cache. */
const TAIL_MIB = 1;
/** Compiled code, caches by hook and tenant, what is under way; twice as much in five processes. */
const SLACK_MIB = { embedded: 16, distributed: 32 } as const;
/** Of each delivery that waits. Held in memory it would take 1,000 for its payload alone. */
const BYTES_A_WAITING = 100;
/** Of what is accepted while a publisher saturates the process. Without admission control it was a hundredth; with it a twentieth (seven other programs on two cores) to nine tenths (docs/adr/0005). */
const LEAST_SHARE = 0.03;
/** What V8 and the allocator hold in reserve, which follows the load rather than the backlog. */
const RESIDENT_SLACK_MIB = HEAP_MIB;

describe.each(modes)('a hook that is down while many events wait for it, $mode', ({ start, mode }) => {
  const memoryDirectory = makeRunDirectory();
  let platform: Platform;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start({ env: { ...measurableMemory(memoryDirectory, `--max-old-space-size=${HEAP_MIB}`), HOOKLANE_LOG_TAIL_BYTES: String(TAIL_MIB * 1024 * 1024) } });
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  }, 120_000);

  afterAll(async () => {
    await receiver?.stop();
    await platform?.stop();
    rmSync(memoryDirectory, { recursive: true, force: true });
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
    const memoryWith = async (waiting: number): Promise<MemoryMib> => {
      await eventuallyPasses(async () => expect(await must(platform, 'GET', `/v1/tenants/acme/hooks/${id}/lane`)).toMatchObject({ backlog: { count: waiting } }), WITHIN_MS);
      return memoryOf(platform, memoryDirectory);
    };
    const aTenth = EVENTS / 10;
    await publish(0, aTenth);
    await receiver.waitFor(aTenth, { path: '/healthy', withinMs: WITHIN_MS });
    const early = await memoryWith(aTenth);

    const startedMs = performance.now();
    await publish(aTenth, EVENTS);
    const publishMs = performance.now() - startedMs;
    const meanwhile = receiver.to('/healthy').length - aTenth;
    const healthy = await receiver.waitFor(EVENTS, { path: '/healthy', withinMs: WITHIN_MS });
    expect(numbersOf(healthy)).toEqual(Array.from({ length: EVENTS }, (_, n) => n));
    const late = await memoryWith(EVENTS);

    const failed = receiver.to('/down').length;
    expect(new Set(numbersOf(receiver.to('/down')))).toEqual(new Set([0]));
    receiver.on('/down', behaviours.status(200));
    const drainStartedMs = performance.now();
    await receiver.waitFor(failed + EVENTS, { path: '/down', withinMs: WITHIN_MS });
    const drainMs = performance.now() - drainStartedMs;
    // One attempt may have failed between the count and the recovery.
    await eventuallyPasses(async () => expect(await must(platform, 'GET', `/v1/tenants/acme/hooks/${id}/lane`)).toMatchObject({ state: 'live', backlog: { count: 0 } }));
    const arrived = numbersOf(receiver.to('/down'));
    expect(arrived.slice(arrived.lastIndexOf(0))).toEqual(Array.from({ length: EVENTS }, (_, n) => n));
    expect(receiver.open('/down').most).toBe(1);
    const after = await memoryWith(0);
    if (process.env['HOOKLANE_BACKLOG_EVENTS']) {
      const rate = (count: number, ms: number): string => `${Math.round((count / ms) * 1_000)}/s`;
      const mib = ({ kept, resident }: MemoryMib): string => `${Math.round(kept)} MiB (${Math.round(resident)} resident)`;
      console.log(
        `${mode}, ${EVENTS} waited; accepted ${rate(EVENTS - aTenth, publishMs)}, to the healthy hook meanwhile ${rate(meanwhile, publishMs)}; ` +
          `drained ${rate(EVENTS, drainMs)}; kept ${mib(early)} with a tenth, ${mib(late)} with all, ${mib(after)} with none`,
      );
    }
    const growthMib = SLACK_MIB[mode] + ((EVENTS - aTenth) * BYTES_A_WAITING) / (1024 * 1024);
    expect(late.kept - early.kept).toBeLessThan(growthMib);
    expect(after.kept - early.kept).toBeLessThan(SLACK_MIB[mode]);
    expect(late.resident - early.resident).toBeLessThan(RESIDENT_SLACK_MIB * platform.processes().length);
    // A publisher that brings more than the one process can do waits, rather than the healthy hook.
    if (mode === 'embedded') expect(meanwhile / (EVENTS - aTenth)).toBeGreaterThan(LEAST_SHARE);
  }, WITHIN_MS * 3);
});
