import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { behaviours, eventually, eventuallyPasses, startReceiver, type Receiver } from '@hooklane/testkit';
import { must } from '../src/platform/client.js';
import { ledgerOf } from '../src/platform/ledger.js';
import { modes } from '../src/platform/modes.js';
import { makeNumberedHooks, type NumberedHooks } from '../src/platform/numbered-hooks.js';
import { startNumberedPublisher, type NumberedPublisher } from '../src/platform/numbered-publisher.js';
import type { Platform } from '../src/platform/platform.js';

const WITHIN_MS = 90_000;
const SLOW_MS = 10_000;
const CLEAN = { lost: [], inverted: [], repeats: 0 };

describe.each(modes)('a rolling restart under load, $mode', ({ mode, start }) => {
  let platform: Platform;
  let receiver: Receiver;
  let hooks: NumberedHooks;
  let publisher: NumberedPublisher;
  let slowHook: { readonly id: string };
  const slow: number[] = [];
  /** Instances of delivery, with the address of each. */
  const deliveries = new Map<string, string>();

  beforeAll(async () => {
    receiver = await startReceiver();
    platform = await start({ env: { HOOKLANE_PARTITIONS: '4' } });
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
    hooks = await makeNumberedHooks(platform, receiver, 'acme', 'roll', 12);
    slowHook = await must<{ id: string }>(platform, 'POST', '/v1/tenants/acme/hooks', { name: 'slow', url: receiver.url('/slow'), eventTypes: ['slow'] });
    receiver.on('/slow', behaviours.delay(SLOW_MS));
    deliveries.set('delivery', platform.urlOf('delivery'));
    if (mode === 'distributed') await startAnother();
    publisher = startNumberedPublisher(platform, 'acme', 'roll', 5);
    await hooks.goOn(50);
  }, 300_000);

  afterAll(async () => {
    await publisher?.stop();
    await platform?.stop();
    await receiver?.stop();
  }, 90_000);

  const startAnother = async (): Promise<void> => {
    const url = await platform.another('delivery');
    const { name } = platform.processes().filter((one) => one.name.startsWith('delivery')).at(-1)!;
    deliveries.set(name, url);
  };

  const publishSlow = async (): Promise<void> => {
    for (const n of [slow.length, slow.length + 1]) {
      await must(platform, 'POST', '/v1/tenants/acme/events', { id: `slow.${n}`, type: 'slow', data: { n } });
      slow.push(n);
    }
  };

  /** Stops the instance that has the hanging request, while that hangs, and starts another in its place. */
  const roll = async (): Promise<void> => {
    await publishSlow();
    const name = await holderOf(platform, slowHook.id, deliveries);
    const requests = receiver.to('/slow').length;
    const stopping = platform.terminate(name);
    deliveries.delete(name);
    await hooks.goOn(20);
    expect([receiver.open('/slow'), receiver.to('/slow').length]).toEqual([{ now: 1, most: 1 }, requests]);
    await stopping;
    await startAnother();
  };

  it('loses nothing, repeats nothing, nothing overtakes, and a hook that hangs holds up nobody', async () => {
    if (mode === 'embedded') {
      await publishSlow();
      await receiver.waitFor(1, { path: '/slow' });
      await platform.terminate('all-in-one');
      await platform.restart('all-in-one');
      await hooks.goOn(20);
    } else {
      await roll();
      for (const service of ['registry', 'fanout', 'log-query', 'event-ingest']) {
        await platform.terminate(service);
        await platform.restart(service);
        await hooks.goOn(20);
      }
      await roll();
    }
    await publisher.stop();
    await hooks.untilAllArrived(publisher.acked);
    await eventuallyPasses(() => expect(ledgerOf(receiver.to('/slow'), slow).lost).toEqual([]), WITHIN_MS);
    for (const path of hooks.paths) expect([path, hooks.ledger(path, publisher.acked)]).toEqual([path, CLEAN]);
    expect(ledgerOf(receiver.to('/slow'), slow)).toEqual(CLEAN);
    expect(receiver.open('/slow').most).toBe(1);
  }, 600_000);
});

/** The instance that has a request of the hook in flight. */
async function holderOf({ adminKey }: Platform, hookId: string, deliveries: ReadonlyMap<string, string>): Promise<string> {
  const find = async (): Promise<string | null> => {
    for (const [name, url] of deliveries) {
      const { waitsFor } = await must<{ waitsFor: string | null }>({ url, adminKey }, 'GET', `/v1/tenants/acme/hooks/${hookId}/lane`);
      if (waitsFor === 'answer') return name;
    }
    return null;
  };
  return eventually(find, 'an instance with a request of the hook in flight', WITHIN_MS);
}
