import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { behaviours, eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { must } from '../src/platform/client.js';
import { ledgerOf } from '../src/platform/ledger.js';
import { modes } from '../src/platform/modes.js';
import { startNumberedPublisher, type NumberedPublisher } from '../src/platform/numbered-publisher.js';
import type { Platform } from '../src/platform/platform.js';

/** HOOKLANE_OUTAGE_SECONDS=30 is the long run. */
const OUTAGE_MS = Number(process.env['HOOKLANE_OUTAGE_SECONDS'] ?? 3) * 1_000;
const WITHIN_MS = 60_000 + OUTAGE_MS * 2;
const LIMIT = 5;

describe.each(modes)('what everything stands on goes away under load, $mode', ({ mode, start }) => {
  let platform: Platform;
  let receiver: Receiver;
  const publishers = new Set<NumberedPublisher>();

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start();
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  }, 120_000);

  afterAll(async () => {
    for (const publisher of publishers) await publisher.stop();
    await receiver?.stop();
    await platform?.stop();
  }, 60_000);

  const pidsOf = (name: string): number[] => platform.processes().filter((one) => one.name === name).map(({ pid }) => pid);
  const outages = [
    { what: 'Postgres dies again and again', affects: 'embedded', takeAway: () => repeatedly(() => kill(pidsOf('postgres'), 'SIGKILL')) },
    { what: 'Postgres stands still', affects: 'both', takeAway: () => frozen('postgres') },
    { what: 'Kafka stands still', affects: 'distributed', takeAway: () => frozen('kafka') },
    { what: 'Kafka dies', affects: 'distributed', takeAway: async () => {
      await platform.kill('kafka');
      await pause(OUTAGE_MS);
      await platform.restart('kafka');
    } },
  ].filter(({ affects }) => affects === 'both' || affects === mode);

  const frozen = async (name: string): Promise<void> => {
    const pids = pidsOf(name).flatMap(familyOf);
    kill(pids, 'SIGSTOP');
    await pause(OUTAGE_MS);
    kill(pids, 'SIGCONT');
  };

  it.each(outages)('loses nothing, keeps the order and the number of failures, and comes back by itself when $what', async ({ what, takeAway }) => {
    const name = what.toLowerCase().replaceAll(' ', '-');
    const [good, bad] = [`/good/${name}`, `/bad/${name}`];
    receiver.on(bad, behaviours.status(500));
    const hook = (path: string, more: object): Promise<{ id: string }> => must<{ id: string }>(platform, 'POST', '/v1/tenants/acme/hooks', { name: path, url: receiver.url(path), eventTypes: [name], ...more });
    await hook(good, {});
    const failing = await hook(bad, { retry: { unavailableDelaysMs: [Math.ceil(OUTAGE_MS / 3)] }, disablePolicy: { limit: LIMIT } });
    const publisher = startNumberedPublisher(platform, 'acme', name, 5);
    publishers.add(publisher);
    await receiver.waitFor(30, { path: good });
    const readiness = watchReadiness(platform);
    await takeAway();
    await goesOn(publisher);
    const seen = await readiness.stop();
    await publisher.stop();
    publishers.delete(publisher);
    await eventuallyPasses(() => expect(ledgerOf(receiver.to(good), publisher.acked).lost).toEqual([]), WITHIN_MS);
    expect(ledgerOf(receiver.to(good), publisher.acked).inverted).toEqual([]);
    // 0: the request or its answer was under way when a process was cut off; never anything that says "accepted" and is not.
    expect([...publisher.refused.keys()].filter((status) => ![0, 502, 503].includes(status))).toEqual([]);
    // Shorter outages may end before anybody has waited long enough to give up.
    if (OUTAGE_MS >= 20_000) expect([publisher.refused.has(503), seen.has(503)]).toEqual([true, true]);
    await eventuallyPasses(async () => expect(await must(platform, 'GET', `/v1/tenants/acme/hooks/${failing.id}`)).toMatchObject({ enabled: false }), WITHIN_MS);
    expect(receiver.to(bad)).toHaveLength(LIMIT);
    await eventuallyPasses(async () => expect((await fetch(`${platform.url}/readyz`)).status).toBe(200), WITHIN_MS);
  }, WITHIN_MS * 3);

  const goesOn = async (publisher: NumberedPublisher): Promise<void> => {
    const before = publisher.acked.length;
    await eventuallyPasses(() => expect(publisher.acked.length).toBeGreaterThan(before + 30), WITHIN_MS);
  };
});

/** What `/readyz` of every service says meanwhile. */
function watchReadiness(platform: Platform): { stop(): Promise<Set<number>> } {
  const services = ['registry', 'event-ingest', 'fanout', 'delivery', 'log-query'];
  const seen = new Set<number>();
  let stopping = false;
  const loop = async (): Promise<void> => {
    while (!stopping) {
      for (const service of services) seen.add(await fetch(`${platform.urlOf(service)}/readyz`).then(({ status }) => status, () => 0));
      await pause(100);
    }
  };
  const running = loop();
  return {
    async stop() {
      stopping = true;
      await running;
      return seen;
    },
  };
}

async function repeatedly(takeAway: () => void): Promise<void> {
  for (const end = Date.now() + OUTAGE_MS; Date.now() < end; ) {
    // Between two starts there is no server, and no file that says who it is.
    attempt(takeAway);
    await pause(500);
  }
}

function kill(pids: readonly number[], signal: NodeJS.Signals): void {
  // Some may have ended meanwhile.
  for (const pid of pids) attempt(() => process.kill(pid, signal));
}

function attempt(run: () => unknown): void {
  try {
    run();
  } catch {
    // Gone already.
  }
}

/** A process and its children: Postgres serves each connection by one. */
function familyOf(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => parentOf(name) === pid);
  return [pid, ...children.map(Number)];
}

function parentOf(pid: string): number {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
