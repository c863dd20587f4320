import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, startReceiver, type Receiver } from '@hooklane/testkit';
import { must } from '../src/platform/client.js';
import { makeNumberedHooks } from '../src/platform/numbered-hooks.js';
import { startNumberedPublisher } from '../src/platform/numbered-publisher.js';
import type { Platform } from '../src/platform/platform.js';
import { startSplitPlatform } from '../src/platform/split-platform.js';

/** HOOKLANE_FREEZE_SECONDS=60 is the long run. Shorter than a lease and the time for which a taker watches it would freeze nothing away. */
const FREEZE_MS = Number(process.env['HOOKLANE_FREEZE_SECONDS'] ?? 22) * 1_000;
const ANSWER_MS = 40;
/** A little more than a lane can take, so that each always has something to send, and no queue that takes longer than the test. */
const PUBLISH_EVERY_MS = 30;
/** In flight when it froze, and a second of answers that nobody had heard of yet. */
const REPEATS = 1 + 1_000 / ANSWER_MS;

describe('a delivery process that is frozen while others live', () => {
  let platform: Platform;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await startSplitPlatform({ partitions: 4, env: { KAFKA_SESSION_TIMEOUT_MS: '6000' } });
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  }, 120_000);

  afterAll(async () => {
    await platform?.stop();
    await receiver?.stop();
  }, 60_000);

  it('starts nothing that is no longer its own when it wakes', async () => {
    const hooks = await makeNumberedHooks(platform, receiver, 'acme', 'frozen', 12);
    for (const path of hooks.paths) receiver.on(path, behaviours.delay(ANSWER_MS));
    await platform.another('delivery');
    const publisher = startNumberedPublisher(platform, 'acme', 'frozen', PUBLISH_EVERY_MS);
    await hooks.goOn(50);
    const { pid } = platform.processes().find(({ name }) => name === 'delivery')!;
    process.kill(pid, 'SIGSTOP');
    try {
      await new Promise((resolve) => setTimeout(resolve, FREEZE_MS));
      await hooks.goOn(20);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const wokeAtMs = Date.now();
    await hooks.goOn(100);
    await publisher.stop();
    await hooks.untilAllArrived(publisher.acked);
    for (const path of hooks.paths) {
      const { inverted, repeats } = hooks.ledger(path, publisher.acked);
      expect([path, inverted, repeatsSince(receiver, path, wokeAtMs)]).toEqual([path, [], []]);
      expect(repeats).toBeLessThanOrEqual(REPEATS);
    }
  }, 600_000 + FREEZE_MS);
});

/** Numbers that arrived after that moment and had arrived before. */
function repeatsSince(receiver: Receiver, path: string, sinceMs: number): number[] {
  const seen = new Set<number>();
  const repeated: number[] = [];
  for (const { body, arrivedAtMs } of receiver.to(path)) {
    const { n } = JSON.parse(body.toString()) as { n: number };
    if (seen.has(n) && arrivedAtMs >= sinceMs) repeated.push(n);
    seen.add(n);
  }
  return repeated;
}
