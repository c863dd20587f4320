import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { chosenFaults, type Fault, type Ground } from '../src/chaos/fault.js';
import { faults, outageMs } from '../src/chaos/faults.js';
import type { Death } from '../src/chaos/judge.js';
import { unready, watchReadiness } from '../src/chaos/readiness.js';
import { startTraffic, type Traffic } from '../src/chaos/traffic.js';
import { must } from '../src/platform/client.js';
import { startEmbeddedPlatform } from '../src/platform/embedded-platform.js';
import type { Platform } from '../src/platform/platform.js';
import { startSplitPlatform } from '../src/platform/split-platform.js';

/** What a dead service read is another's (or its own again) after this; the default would make every victim of the split stack a 10 s wait. */
const env = { KAFKA_SESSION_TIMEOUT_MS: '4000' };
const grounds: readonly { readonly ground: Ground; start(): Promise<Platform> }[] = [
  { ground: 'embedded', start: () => startEmbeddedPlatform() },
  { ground: 'embedded, Postgres elsewhere', start: () => startEmbeddedPlatform({ proxied: true }) },
  { ground: 'distributed', start: () => startSplitPlatform({ brokers: 3, proxied: true, env }) },
];
const HEALS_WITHIN_MS = 60_000;
const TEST_MS = 300_000 + 4 * outageMs;

const chosen = grounds.map((each) => ({ ...each, here: chosenFaults(faults, each.ground) })).filter(({ here }) => here.length > 0);

describe.each(chosen)('under load, $ground', ({ start, here }) => {
  let platform: Platform;
  let receiver: Receiver;
  let traffic: Traffic | null = null;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  }, 120_000);

  afterEach(() => traffic?.stop());

  afterAll(async () => {
    // First, so that no stop waits for an answer that would never come.
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  it.each(here.map((fault) => [fault.name, fault] as const))('nothing is lost, early, or failed once too often when %s', async (name, fault) => {
    traffic = await startTraffic(platform, receiver, name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'), Math.ceil(outageMs / 3));
    await traffic.flows();
    const readiness = watchReadiness(platform);
    const death = await strike(fault);
    await traffic.flows();
    const said = await readiness.stop();
    expect(await traffic.verdict(fault.owner === 'unharmed' ? [] : [death], fault.acceptorDies)).toEqual([]);
    // 0: the request or its answer was under way when a process was cut off; never anything that says "accepted" and is not.
    expect(traffic.refusals().filter((status) => ![0, 502, 503].includes(status))).toEqual([]);
    if (fault.unready) expect(said).toContain(503);
  }, TEST_MS);

  /** Does it, and waits until every service says that it is ready again. */
  const strike = async (fault: Fault): Promise<Death> => {
    const fromMs = Date.now();
    await fault.run(platform);
    await eventuallyPasses(async () => expect(await unready(platform)).toEqual([]), HEALS_WITHIN_MS);
    return { fromMs, toMs: Date.now(), lingers: fault.owner === 'cut-off' };
  };
});
