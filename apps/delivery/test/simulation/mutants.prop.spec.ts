import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Delivery, Lane } from '../../src/lanes/lane.js';
import type { LaneMemory } from '../../src/lanes/lane-memory.js';
import type { LaneRules } from '../../src/lanes/lane-rules.js';
import type { KeyedMachine } from '../../src/lanes/keyed-machine.js';
import type { CommandMachine } from '../../src/lanes/command-machine.js';
import type { LaneOwner } from '../../src/owner/lane-owner.js';
import type { OwnedPartition } from '../../src/owner/owned-partition.js';
import type { PartitionKeeper } from '../../src/owner/partition-keeper.js';
import { DeliverySimulation, type Settings } from './delivery-simulation.js';
import { settings, steps } from './stories.js';

interface Parts {
  readonly owner: LaneOwner;
  readonly keeper: PartitionKeeper;
  readonly memory: LaneMemory;
  readonly rules: LaneRules;
  readonly keyed: KeyedMachine;
  readonly commands: CommandMachine;
}

/** Wraps a method of a living object. */
function wrap<T extends object, K extends keyof T>(target: T, name: K, around: (original: T[K]) => T[K]): void {
  const original = target[name] as T[K] & ((...args: unknown[]) => unknown);
  target[name] = around(original.bind(target) as T[K]);
}

/** What the simulation finds is remembered by it; thrown from a turn of its own it would end the process. */
function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // The next step throws it.
  }
}

function eachAdopted({ owner }: Parts, harm: (owned: OwnedPartition) => void): void {
  wrap(owner, 'adopt', (adopt) => (owned) => {
    harm(owned);
    adopt(owned);
  });
}

interface Mutant {
  readonly fault: string;
  readonly harm: (parts: Parts) => void;
  /** The stories in which it can show; any where nothing is said. */
  readonly where?: Partial<Settings>;
}

/** Faults that would break a promise, each as small as a slip of the pen. */
const mutants: readonly Mutant[] = [
  { fault: 'marks run ahead of the watermark', harm: (parts) => eachAdopted(parts, (owned) => wrap(owned, 'snapshot', (snapshot) => () => ({ ...snapshot(), marks: owned.fold.snapshot() }))) },
  { fault: 'the watermark runs ahead of what is settled', harm: (parts) => eachAdopted(parts, (owned) => wrap(owned, 'snapshot', (snapshot) => () => ({ ...snapshot(), watermark: owned.readUpTo }))) },
  { fault: 'outcomes that the next owner needs are left behind', harm: (parts) => eachAdopted(parts, (owned) => wrap(owned, 'snapshot', (snapshot) => () => ({ ...snapshot(), outcomesFrom: owned.outcomesEnd }))) },
  {
    fault: 'a delivery is done when it is queued for parking',
    harm: ({ owner }) =>
      wrap(owner, 'park', (park) => (lane: Lane, deliveries: readonly Delivery[]) => {
        for (const delivery of deliveries) {
          if (delivery.record) owner.homeOf(lane).progress.settle(delivery.record);
          delivery.record = null;
        }
        park(lane, deliveries);
      }),
  },
  {
    fault: 'a delivery is done when its outcome is on its way',
    harm: ({ owner }) =>
      wrap(owner.records, 'publish', (publish) => (owned, lane, delivery, bytes, isFinal, then) => {
        if (isFinal && delivery.record) owned.progress.settle(delivery.record);
        if (isFinal) delivery.record = null;
        publish(owned, lane, delivery, bytes, isFinal, then);
      }),
  },
  {
    fault: 'the lane goes live with an unflushed park',
    harm: ({ memory }) =>
      wrap(memory, 'loaded', (loaded) => (lane, page, readTo, token, commits) => {
        loaded(lane, page, readTo, token, commits);
        lane.spilled = false;
      }),
  },
  { fault: 'a page is read from its end: the head stands behind its successors', harm: ({ memory }) => wrap(memory, 'loaded', (loaded) => (lane, page, readTo, token, commits) => loaded(lane, [...page].reverse(), readTo, token, commits)) },
  { fault: 'a page that was asked for before the lane gave up its memory is taken', harm: ({ memory }) => wrap(memory, 'loaded', (loaded) => (lane, page, readTo, _token, commits) => loaded(lane, page, readTo, lane.loadToken, commits)) },
  { fault: 'a batch is handed over in the wrong order', harm: ({ keeper }) => wrap(keeper, 'handle', (handle) => (batch) => handle({ ...batch, records: [...batch.records].reverse() })) },
  { fault: 'no charge-first: an attempt goes out before its row is there', harm: ({ owner }) => (owner.announce = (lane) => setImmediate(() => quietly(() => owner.machine.announced(lane)))), where: { limit: 2, retries: true } },
  {
    fault: 'what a dead owner may have sent is not charged',
    harm: ({ rules }) =>
      (rules.charge = (lane) => {
        lane.suspectBelow = 0;
        return false;
      }),
    where: { limit: 2, retries: true },
  },
  {
    fault: 'what was broken off is not counted, whatever its receiver made of it',
    harm: ({ owner }) =>
      wrap(owner.machine, 'failed', (failed) => (lane, decision, delivery) => {
        delete decision.health.brokenOff;
        failed(lane, decision, delivery);
      }),
    where: { limit: 2, retries: true },
  },
  {
    fault: 'a verdict counts failures of an older epoch',
    harm: ({ rules }) =>
      wrap(rules, 'enterEpoch', (enterEpoch) => (lane, hook) => {
        const { streak } = lane.health;
        enterEpoch(lane, hook);
        lane.health.streak = streak;
      }),
    where: { limit: 3, retries: true },
  },
  {
    fault: 'what has its fate is read again while its row is still there',
    harm: ({ memory }) =>
      wrap(memory, 'gone', (gone) => (lane, delivery) => {
        gone(lane, delivery);
        lane.leaving = 0;
      }),
    where: { order: 'none', concurrency: 3, limit: 0 },
  },
  { fault: 'more are under way than there are failures left', harm: ({ keyed }) => (keyed.capacity = () => 8), where: { order: 'none', concurrency: 8, limit: 3 } },
  {
    fault: 'two deliveries of one key are under way at once',
    harm: ({ keyed }) =>
      wrap(keyed, 'open', (open) => (lane, hook, first) => {
        open(lane, hook, first);
        if (lane.keyed) lane.keyed.keyOf = ({ request }) => String(request.offset);
      }),
    where: { order: 'fifo-per-key', concurrency: 3 },
  },
  { fault: 'what is new goes out before the end of a catch-up', harm: ({ memory }) => (memory.parkAside = (lane, delivery) => memory.take(lane, delivery)) },
  {
    fault: 'a command is done before its effect is durable',
    harm: ({ commands }) =>
      wrap(commands, 'obey', (obey) => (lane, command, done) => {
        done();
        obey(lane, command, () => undefined);
      }),
  },
  { fault: 'a new owner starts what the former one still has in flight', harm: ({ owner }) => eachAdopted({ owner } as Parts, (owned) => (owned.busy.has = () => false)) },
  { fault: 'what a former owner had in flight is not counted when its time is up', harm: ({ owner }) => wrap(owner.elsewhere as unknown as Elsewhere, 'timesUp', (timesUp) => (owned, nowMs) => timesUp(withoutRequests(owned, nowMs), nowMs)), where: { order: 'fifo', limit: 2, retries: true } },
  { fault: 'what a former owner settled after it had let go is sent again', harm: ({ owner }) => ((owner.elsewhere as unknown as Elsewhere).settled = () => undefined) },
];

interface Elsewhere {
  timesUp(owned: OwnedPartition, nowMs: number): void;
  settled(): void;
}

function withoutRequests(owned: OwnedPartition, nowMs: number): OwnedPartition {
  for (const [hookId, busy] of owned.busy) if (busy.untilMs <= nowMs) owned.busy.set(hookId, { ...busy, requests: [] });
  return owned;
}

const RUNS = 600;

async function isCaught({ harm, where }: Mutant): Promise<boolean> {
  const sabotage = (owner: LaneOwner, keeper: PartitionKeeper): void => harm({ ...(owner.machine as unknown as Parts), owner, keeper });
  const given = settings.map((any) => ({ ...any, ...where }));
  const result = await fc.check(
    fc.asyncProperty(given, steps, async (chosen, story) => {
      const simulation = new DeliverySimulation(chosen, sabotage);
      await simulation.start();
      for (const next of story) await simulation.step(next);
      await simulation.settleDown();
      simulation.assertAtRest();
    }),
    { seed: 2, numRuns: RUNS, endOnFailure: true },
  );
  return result.failed;
}

describe('the simulation catches', () => {
  it.each(mutants.map((mutant) => [mutant.fault, mutant] as const))(
    '%s',
    async (_fault, mutant) => {
      expect(await isCaught(mutant)).toBe(true);
    },
    RUNS * 1_000,
  );
});
