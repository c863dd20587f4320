import { describe, expect, it } from '@jest/globals';
import { Topics } from '@hooklane/contracts/topics';
import type { LeaseRow } from '../lanes/lease.js';
import type { LeaseStore, TakenLease } from '../ports.js';
import type { LaneOwner } from './lane-owner.js';
import { PartitionKeeper } from './partition-keeper.js';
import { PostgresTime } from './postgres-time.js';

const PARTITIONS = [{ topic: Topics.deliveriesRequested, partition: 3 }];

/** A keeper whose lease is taken when the spec says so. */
function keeperThatTakes(former: LeaseRow['owner']) {
  let taken: (lease: TakenLease) => void = () => undefined;
  let ask = (): void => undefined;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const released: unknown[] = [];
  const adopted: unknown[] = [];
  const leases: LeaseStore = {
    read: () => Promise.resolve([{ partition: 3, owner: former, epoch: 4, expired: true, renewals: 1 }]),
    take: () => new Promise((resolve) => ((taken = resolve), ask())),
    renew: () => Promise.reject(new Error('not here')),
    release: (owner, partitions) => Promise.resolve(void released.push(owner, partitions.map(({ partition, epoch }) => ({ partition, epoch })))),
  };
  const keeper = new PartitionKeeper({
    leases,
    laneRows: { write: () => Promise.resolve(new Set()), read: () => Promise.resolve([]) },
    parking: { park: () => Promise.resolve(new Set()), remove: () => Promise.resolve(), page: () => Promise.resolve([]), stats: () => Promise.resolve([]), keysFrom: () => Promise.resolve([]) },
    log: { append: () => Promise.resolve([]), read: async function* () { yield []; }, bounds: () => Promise.resolve(Array.from({ length: 8 }, () => ({ first: 0, next: 5 }))), partitionsOf: () => 8, soleWriter: true },
    hooks: { hook: () => undefined, hookVersion: () => 0, tenant: () => undefined, onHookChanged: () => () => undefined, caughtUp: () => Promise.resolve() },
    clock: { nowMs: () => 0, monotonicMs: () => performance.now() },
    time: new PostgresTime(() => 0),
    instanceId: 'me',
    owner: { adopt: (owned: unknown) => void adopted.push(owned), partitions: new Map() } as unknown as LaneOwner,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => { throw new Error('not here'); } },
    health: () => undefined,
  });
  return { keeper, asked, take: () => taken({ partition: 3, epoch: 5, progress: null, nowMs: 0 }), released, adopted };
}

describe('a partition that is revoked while it is being taken', () => {
  it('is let go of again, and the end of the process waits for that', async () => {
    const { keeper, asked, take, released, adopted } = keeperThatTakes(null);
    const assigned = keeper.assigned(PARTITIONS);
    await asked;
    const ended = keeper.releaseAll(10_000);
    take();
    await ended;
    await assigned;
    expect(released).toEqual(['me', [{ partition: 3, epoch: 5 }]]);
    expect(adopted).toEqual([]);
  });

  it('is left to its lease where its last owner died: the next one must not take that for a clean end', async () => {
    const { keeper, asked, take, released, adopted } = keeperThatTakes('dead');
    const assigned = keeper.assigned(PARTITIONS);
    await asked;
    await keeper.revoked(PARTITIONS);
    take();
    await assigned;
    expect([released, adopted]).toEqual([[], []]);
  });
});
