import type { Delivery, Lane } from '../lanes/lane.js';
import type { ParkedKey, ParkedRow, ParkingStore } from '../ports.js';
import { leasesOf, type WriterTarget } from './lane-row-writer.js';
import type { OwnedPartition } from './owned-partition.js';

interface Park {
  readonly kind: 'park';
  readonly owned: OwnedPartition;
  readonly lane: Lane;
  readonly delivery: Delivery;
}

interface Removal {
  readonly kind: 'remove';
  readonly owned: OwnedPartition;
  readonly key: ParkedKey;
  readonly done: () => void;
}

export interface ParkingTarget extends WriterTarget {
  parked(lane: Lane, deliveries: readonly Delivery[]): void;
}

const RETRY_MS = 500;
const MAX_ROWS = 2_000;
const MAX_BYTES = 4 * 1024 * 1024;
const ROW_OVERHEAD_BYTES = 300;

/**
 * Writes and removes parked rows, strictly in the order in which it was told and one statement at a time: a row is never removed before it is there,
 * and an event's bytes are not removed while another row that needs them is being added.
 */
export class ParkingWriter {
  /** Of what waits to be written. */
  pendingBytes = 0;
  private waiting: (Park | Removal)[] = [];
  private isWriting = false;

  constructor(
    private readonly store: ParkingStore,
    private readonly instanceId: string,
    private readonly target: ParkingTarget,
  ) {}

  get isIdle(): boolean {
    return !this.isWriting && this.waiting.length === 0;
  }

  park(owned: OwnedPartition, lane: Lane, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      this.waiting.push({ kind: 'park', owned, lane, delivery });
      this.pendingBytes += bytesOf(delivery);
    }
    this.start();
  }

  remove(owned: OwnedPartition, key: ParkedKey, done: () => void): void {
    this.waiting.push({ kind: 'remove', owned, key, done });
    this.start();
  }

  private start(): void {
    if (!this.isWriting) void this.run();
  }

  private async run(): Promise<void> {
    this.isWriting = true;
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const batch = this.next();
      for (;;) {
        try {
          await this.write(batch);
          break;
        } catch (error) {
          this.target.failed('parked deliveries', error);
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    }
    this.isWriting = false;
  }

  /** The longest run of one kind from the front, within the caps. */
  private next(): readonly (Park | Removal)[] {
    const { kind } = this.waiting[0] as Park | Removal;
    let count = 0;
    let bytes = 0;
    for (const item of this.waiting) {
      if (item.kind !== kind || count === MAX_ROWS || bytes >= MAX_BYTES) break;
      count += 1;
      if (item.kind === 'park') bytes += bytesOf(item.delivery);
    }
    const batch = this.waiting.slice(0, count);
    this.waiting = this.waiting.slice(count);
    return batch;
  }

  private async write(batch: readonly (Park | Removal)[]): Promise<void> {
    const parks = batch.filter((item): item is Park => item.kind === 'park');
    const removals = batch.filter((item): item is Removal => item.kind === 'remove');
    if (parks.length > 0) await this.writeParks(parks);
    if (removals.length > 0) {
      await this.store.remove(removals.map(({ key }) => key));
      for (const { done } of removals) done();
    }
  }

  private async writeParks(parks: readonly Park[]): Promise<void> {
    const current = parks.filter(({ owned }) => !owned.isLost);
    const owned = current.length > 0 ? await this.store.park(this.instanceId, leasesOf(current), current.map(rowOf)) : new Set<number>();
    for (const { delivery } of parks) this.pendingBytes -= bytesOf(delivery);
    const byLane = new Map<Lane, Park[]>();
    for (const park of current) {
      if (park.owned.isLost) continue;
      if (!owned.has(park.owned.partition)) {
        this.target.lost(park.owned);
        continue;
      }
      const group = byLane.get(park.lane);
      if (group) group.push(park);
      else byLane.set(park.lane, [park]);
    }
    for (const [lane, group] of byLane) this.target.parked(lane, group.map(({ delivery }) => delivery));
  }
}

function bytesOf({ request }: Delivery): number {
  return request.encoded.length + ROW_OVERHEAD_BYTES;
}

function rowOf({ owned, lane, delivery: { request, hookVersion } }: Park): ParkedRow {
  const { offset, tenantId, eventId, trigger, replayId, encoded, event } = request;
  return { partition: owned.partition, offset, hookId: lane.hookId, hookVersion, acceptedAtMs: event.acceptedAtMs, tenantId, eventId, trigger, replayId, orderingKey: event.orderingKey, event: encoded };
}
