import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { must } from '../src/platform/client.js';
import { ledgerOf } from '../src/platform/ledger.js';
import { modes } from '../src/platform/modes.js';
import { startNumberedPublisher } from '../src/platform/numbered-publisher.js';
import type { Platform } from '../src/platform/platform.js';

describe.each(modes)('processes that die under load, $mode', ({ mode, start }) => {
  let platform: Platform;
  let receiver: Receiver;

  beforeAll(async () => {
    receiver = await startReceiver();
    // What a dead service read is another's (or its own again) after this; the default would make every victim of the split stack a 10 s wait.
    platform = await start({ env: { KAFKA_SESSION_TIMEOUT_MS: '4000' } });
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  }, 120_000);

  afterAll(async () => {
    await platform?.stop();
    await receiver?.stop();
  }, 60_000);

  const victims = mode === 'embedded' ? ['all-in-one', 'postgres'] : ['event-ingest', 'fanout', 'delivery', 'registry', 'log-query'];

  it.each(victims)('loses nothing and keeps the order when %s is killed', async (victim) => {
    const type = `kill.${victim}`;
    const path = `/kill/${victim}`;
    await must(platform, 'POST', '/v1/tenants/acme/hooks', { name: victim, url: receiver.url(path), eventTypes: [type] });
    const publisher = startNumberedPublisher(platform, 'acme', type, 2);
    await receiver.waitFor(50, { path });
    await platform.kill(victim);
    await platform.restart(victim);
    const before = publisher.acked.length;
    await eventuallyPasses(() => expect(publisher.acked.length).toBeGreaterThan(before + 50), 60_000);
    await publisher.stop();
    await eventuallyPasses(() => expect(ledgerOf(receiver.to(path), publisher.acked).lost).toEqual([]), 60_000);
    const ledger = ledgerOf(receiver.to(path), publisher.acked);
    expect(ledger.inverted).toEqual([]);
    // A death explains the short run that was under way, and no more: one lane has one request in flight and at most a second of unacked outcomes.
    expect(ledger.repeats).toBeLessThan(600);
    expect([...publisher.refused.keys()].filter((status) => ![0, 502, 503].includes(status))).toEqual([]);
  }, 180_000);
});
