import { describe, expect, it } from '@jest/globals';
import { Topics } from '@hooklane/contracts/topics';
import type { LeaseRow } from '../lanes/lease.js';
import type { LeaseStore, TakenLease } from '../ports.js';
import type { LaneOwner } from './lane-owner.js';
import type { OwnedPartition } from './owned-partition.js';
import { PartitionKeeper } from './partition-keeper.js';
import { PostgresTime } from './postgres-time.js';

const PARTITIONS = [{ topic: Topics.deliveriesRequested, partition: 3 }];

interface FakeOwner {
  readonly isWritten?: (owned: OwnedPartition) => boolean;
  readonly release?: () => Promise<void>;
}

/** A keeper whose lease is taken when the spec says so. */
function keeperThatTakes(former: LeaseRow['owner'], { isWritten = () => true, release = () => Promise.resolve() }: FakeOwner = {}) {
  let taken: (lease: TakenLease) => void = () => undefined;
  let ask = (): void => undefined;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const released: unknown[] = [];
  const adopted: OwnedPartition[] = [];
  const leases: LeaseStore = {
    read: () => Promise.resolve([{ partition: 3, owner: former, epoch: 4, expired: true, renewals: 1 }]),
    take: () => new Promise((resolve) => ((taken = resolve), ask())),
    renew: () => Promise.reject(new Error('not here')),
    release: async (owner, partitions, busy) => {
      await release();
      released.push(owner, partitions.map(({ partition, epoch, suspectBelow }) => ({ partition, epoch, suspectBelow })), ...busy);
    },
  };
  const keeper = new PartitionKeeper({
    leases,
    laneRows: { write: () => Promise.resolve(new Set()), read: () => Promise.resolve([]), heads: () => Promise.resolve([]) },
    parking: { park: () => Promise.resolve(new Set()), remove: () => Promise.resolve(), page: () => Promise.resolve([]), stats: () => Promise.resolve([]), catchUpStats: () => Promise.resolve({ line: null, waiting: null }), keysFrom: () => Promise.resolve([]) },
    log: { append: () => Promise.resolve([]), read: async function* () { yield []; }, bounds: () => Promise.resolve(Array.from({ length: 8 }, () => ({ first: 0, next: 5 }))), partitionsOf: () => 8, soleWriter: true },
    hooks: { hook: () => undefined, hookVersion: () => 0, tenant: () => undefined, onHookChanged: () => () => undefined, caughtUp: () => Promise.resolve() },
    clock: { nowMs: () => 0, monotonicMs: () => performance.now() },
    time: new PostgresTime(() => 0),
    instanceId: 'me',
    owner: {
      adopt: (owned: OwnedPartition) => void adopted.push(owned),
      resume: () => undefined,
      isWritten,
      handOver: (owned: OwnedPartition) => ((owned.isLost = true), ['rows of busy lanes']),
      drop: (owned: OwnedPartition) => (owned.isLost = true),
      now: () => ({ monotonicMs: performance.now(), wallMs: 0 }),
      partitions: new Map(),
    } as unknown as LaneOwner,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => { throw new Error('not here'); } },
    health: () => undefined,
  });
  return { keeper, asked, take: () => taken({ partition: 3, epoch: 5, suspectBelow: 0, progress: null, nowMs: 0 }), released, adopted };
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
    expect(released).toEqual(['me', [{ partition: 3, epoch: 5, suspectBelow: 0 }]]);
    expect(adopted).toEqual([]);
  });

  it('says so where its last owner died: the next one must not take that for a clean end', async () => {
    const { keeper, asked, take, released, adopted } = keeperThatTakes('dead');
    const assigned = keeper.assigned(PARTITIONS);
    await asked;
    await keeper.revoked(PARTITIONS);
    take();
    await assigned;
    expect([released, adopted]).toEqual([['me', [{ partition: 3, epoch: 5, suspectBelow: 5 }]], []]);
  });
});

describe('a partition that is revoked', () => {
  const owning = async (fake: FakeOwner) => {
    const kept = keeperThatTakes(null, fake);
    const assigned = kept.keeper.assigned(PARTITIONS);
    await kept.asked;
    kept.take();
    await assigned;
    return kept;
  };

  it('is let go of as soon as everything of it is recorded, with the lanes that have requests in flight', async () => {
    let asked = 0;
    const { keeper, released, adopted } = await owning({ isWritten: () => (asked += 1) > 3 });
    await keeper.revoked(PARTITIONS);
    expect(asked).toBe(4);
    expect(released).toEqual(['me', [{ partition: 3, epoch: 5, suspectBelow: 0 }], 'rows of busy lanes']);
    expect(adopted[0]).toMatchObject({ isDraining: true, isReleased: true });
  });

  it('is let go of again and again until Postgres has taken it, and is not until then', async () => {
    let tries = 0;
    const { keeper, released, adopted } = await owning({ release: () => ((tries += 1) < 3 ? Promise.reject(new Error('away')) : Promise.resolve(expect(adopted[0]?.isReleased).toBe(false))) });
    await keeper.revoked(PARTITIONS);
    expect([tries, released.length, adopted[0]?.isReleased]).toEqual([3, 3, true]);
  });

  it('is left to its lease when something of it cannot be recorded', async () => {
    const { keeper, released, adopted } = await owning({ isWritten: () => false });
    await keeper.revoked(PARTITIONS, 20);
    expect(released).toEqual([]);
    expect(adopted[0]).toMatchObject({ isLost: true, isReleased: false });
  });
});
