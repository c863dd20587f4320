import { setTimeout as pause } from 'node:timers/promises';
import { behaviours, eventually, type Behaviour, type Receiver } from '@hooklane/testkit';
import { must } from '../platform/client.js';
import { startNumberedPublisher } from '../platform/numbered-publisher.js';
import type { Platform } from '../platform/platform.js';
import { judge, type Account, type AckedEvent, type Death } from './judge.js';
import { anyPending, deliveriesOf } from './log-account.js';

/** Load of its own event types on receivers of every kind, for one fault. */
export interface Traffic {
  /** Resolves when every hook that works has got some more, and every publisher has been promised some more. */
  flows(): Promise<void>;
  /** Publishers stop, receivers mend their ways (but for the one that fails for good), everything comes to rest, and the oracle speaks. */
  verdict(deaths: readonly Death[], acceptorDied: boolean): Promise<string[]>;
  /** Statuses that publishers got instead of 202; 0: no answer. */
  refusals(): number[];
  /** Ends the publishers, whatever happened. */
  stop(): Promise<void>;
}

interface TrafficHook {
  readonly id: string;
  readonly path: string;
  readonly eventType: string;
  readonly failureLimit: number | null;
}

const TENANT = 'acme';
const FAILURE_LIMIT = 6;
const ATTEMPT_MS = 1_000;
const RETRY_MS = 200;
/** A few hundred events a second where the machine is free: to two hooks each. */
const PUBLISHERS = [
  { key: 'a', ids: true, pauseMs: 2 },
  { key: 'b', ids: true, pauseMs: 2 },
  { key: 'c', ids: false, pauseMs: 2 },
  { key: 'd', ids: false, pauseMs: 2 },
] as const;
/** So few that receivers in trouble, who need a second each, have not too many left when they mend their ways. */
const SLOW_PUBLISHER = { key: 'slow', ids: false, pauseMs: 250 } as const;
const SOME = 20;
/** Of the rare ones: two seconds, in which the receiver that fails is tried once or twice. */
const A_FEW = 8;
const FLOWS_WITHIN_MS = 90_000;
const RESTS_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 200;

/** Receivers that behave badly until they mend their ways. */
const TROUBLED: Readonly<Record<string, Behaviour>> = {
  // Not 503: that asks for fewer requests, and a lane that was paced comes back to its speed too slowly for a story.
  flapping: behaviours.flap(500, 200),
  hanging: behaviours.hang(),
  dripping: behaviours.drip(100, 1_000),
  resetting: behaviours.reset(),
  cutting: behaviours.reset(true),
};

/**
 * @param name of the story: its paths, its hooks and its event types carry it
 * @param failEveryMs pause between the attempts of the receiver that fails for good, so that they fall before, into and behind the fault
 */
export async function startTraffic(platform: Platform, receiver: Receiver, name: string, failEveryMs: number): Promise<Traffic> {
  const [type, rareType] = [`${name}.many`, `${name}.few`];
  const hook = async (kind: string, eventType: string, failureLimit: number | null, more: object = {}): Promise<TrafficHook> => {
    const path = `/${name}/${kind}`;
    const body = { name: path, url: receiver.url(path), eventTypes: [eventType], timeoutMs: 10 * ATTEMPT_MS, retry: { unavailableDelaysMs: [RETRY_MS] }, disablePolicy: { limit: failureLimit ?? 0 }, ...more };
    return { id: (await must<{ id: string }>(platform, 'POST', `/v1/tenants/${TENANT}/hooks`, body)).id, path, eventType, failureLimit };
  };
  for (const [kind, behaviour] of Object.entries(TROUBLED)) receiver.on(`/${name}/${kind}`, behaviour);
  receiver.on(`/${name}/slow`, behaviours.delay(20));
  receiver.on(`/${name}/failing`, behaviours.status(500));
  const good = [await hook('good', type, null), await hook('also-good', type, null), await hook('slow', rareType, null)];
  const troubled = await Promise.all(Object.keys(TROUBLED).map((kind) => hook(kind, rareType, null, { timeoutMs: ATTEMPT_MS })));
  const failing = await hook('failing', rareType, FAILURE_LIMIT, { retry: { unavailableDelaysMs: [failEveryMs] } });
  const hooks = [...good, ...troubled, failing];
  const publishers = [...PUBLISHERS.map((options) => ({ ...options, type })), { ...SLOW_PUBLISHER, type: rareType }].map(({ key, ids, pauseMs, type: eventType }) => ({
    key,
    eventType,
    ...startNumberedPublisher(platform, TENANT, eventType, pauseMs, { key, ids }),
  }));
  const stop = async (): Promise<void> => void (await Promise.all(publishers.map((publisher) => publisher.stop())));
  const busy = publishers.slice(0, PUBLISHERS.length);
  const ackedOf = (eventType: string): { key: string; events: readonly AckedEvent[] }[] =>
    publishers.filter((publisher) => publisher.eventType === eventType).map(({ key, acked, ackedIds }) => ({ key, events: acked.map((n, index) => ({ n, eventId: ackedIds[index] as string })) }));

  const account = async (hook: TrafficHook, { deaths, acceptedTwice }: Pick<Account, 'deaths' | 'acceptedTwice'>): Promise<Account> => {
    const { id, path, eventType, failureLimit } = hook;
    const deliveries = await deliveriesOf(platform, TENANT, id);
    return { acked: ackedOf(eventType), deaths, acceptedTwice, hooks: [{ path, failureLimit, requests: receiver.to(path), mostOpen: receiver.open(path).most, deliveries }] };
  };
  const verdict = async (circumstances: Pick<Account, 'deaths' | 'acceptedTwice'>): Promise<string[]> => {
    const complaints: string[] = [];
    for (const each of hooks) complaints.push(...judge(await account(each, circumstances)));
    const { enabled } = await must<{ enabled: boolean }>(platform, 'GET', `/v1/tenants/${TENANT}/hooks/${failing.id}`);
    return enabled ? [...complaints, `${failing.path}: was not disabled`] : complaints;
  };

  return {
    stop,
    refusals: () => [...new Set(publishers.flatMap(({ refused }) => [...refused.keys()]))],
    async flows() {
      const counts = (): Map<string, number> => new Map([...busy.map(({ key, acked }) => [`publisher ${key}`, acked.length] as const), ...good.map(({ path }) => [`receiver ${path}`, receiver.to(path).length] as const)]);
      const before = counts();
      const stuck = (): string[] => {
        const now = [...counts()];
        return now.filter(([name, count], index) => count < before.get(name)! + (index < now.length - 1 ? SOME : A_FEW)).map(([name, count]) => `${name} (${before.get(name)} → ${count})`);
      };
      await eventually(() => stuck().length === 0, 'more of each publisher and at each good receiver', FLOWS_WITHIN_MS).catch((error: Error) => {
        throw new Error(`${error.message} Too little: ${stuck().join(', ')}; refused: ${publishers.flatMap(({ refused }) => [...refused]).join(' ')}`, { cause: error });
      });
    },
    async verdict(deaths, acceptorDied) {
      await stop();
      for (const { path } of troubled) receiver.on(path, behaviours.status(200));
      const untilMs = performance.now() + RESTS_WITHIN_MS;
      for (;;) {
        // Cheap to ask, and it holds for as long as there is something to wait for.
        const pending = (await anyPending(platform, TENANT, type)) || (await anyPending(platform, TENANT, rareType));
        const complaints = pending && performance.now() < untilMs ? ['pending'] : await verdict({ deaths, acceptedTwice: acceptorDied ? PUBLISHERS.filter(({ ids }) => ids).length : 0 });
        if (complaints.length === 0 || performance.now() > untilMs) return complaints;
        await pause(LOOK_EVERY_MS);
      }
    },
  };
}
