import type { HandedBatch, LogRecord } from '@hooklane/event-log';
import { createLane, type Delivery, type Lane } from '../lanes/lane.js';
import type { LaneMachine } from '../lanes/lane-machine.js';
import type { OwnedPartition } from './owned-partition.js';
import { requestedEventFrom, type ReadCommand, type ReadRecord, type ReadRequest } from './requested-event.js';

/** What reading needs of the lanes' owner. */
export interface IntakeHost {
  readonly machine: LaneMachine;
  monotonicMs(): number;
  enabledEpochOf(hookId: string): number;
  /** A lane came to be. */
  welcome(owned: OwnedPartition, lane: Lane): void;
}

export interface UnreadableRecord {
  readonly record: LogRecord;
  readonly reason: string;
}

/** The way of a record from the log into its lanes: parse, fold, leave out what a former owner settled or parked. */
export class LaneIntake {
  constructor(private readonly host: IntakeHost) {}

  /** @returns records that can never be delivered, with the reason: until they are incidents nothing of the batch is taken, or the watermark would pass them */
  take(owned: OwnedPartition, batch: Pick<HandedBatch, 'records' | 'deadLettered'>): UnreadableRecord[] {
    const records = batch.records.filter(({ offset }) => offset >= owned.readUpTo);
    const reads = records.map(requestedEventFrom);
    if (!batch.deadLettered && reads.some(isUnreadable)) return records.flatMap((record, index) => unreadableOf(record, reads[index]));
    for (const [index, record] of records.entries()) {
      const read = reads[index] as ReadRecord;
      if (read.kind === 'unreadable') {
        owned.progress.add({ offset: record.offset, pending: 0, mark: null, outcomesFrom: owned.outcomesFromOf(record.offset) });
        owned.readUpTo = record.offset + 1;
      } else if (read.kind === 'command') {
        this.obey(owned, read);
      } else {
        this.enqueue(owned, read);
      }
    }
    if (owned.gated.size > 0) this.openGates(owned);
    return [];
  }

  private enqueue(owned: OwnedPartition, { request, event }: ReadRequest): void {
    const { offset } = event;
    const fresh = owned.fold.accept(request);
    const last = fresh.at(-1);
    const wanted = offset < owned.inheritedBelow ? fresh.filter(({ hookId }) => !owned.history.isSettled(offset, hookId) && !owned.parkedAbove.has(`${offset}/${hookId}`)) : fresh;
    const again = offset < owned.inheritedBelow && owned.republishing.size > 0 ? fresh.flatMap(({ hookId }) => owned.republishing.get(`${offset}/${hookId}`) ?? []) : [];
    const record = {
      offset,
      pending: wanted.length + again.length,
      mark: last ? { stream: request.sourceStream, position: request.sourcePosition, hookId: last.hookId } : null,
      outcomesFrom: owned.outcomesFromOf(offset),
    };
    owned.progress.add(record);
    for (const delivery of again) delivery.record = record;
    owned.readUpTo = offset + 1;
    const arrivedAtMs = this.host.monotonicMs();
    for (const { hookId, version } of wanted) {
      const delivery: Delivery = { request: event, hookVersion: version, arrivedAtMs, record, row: 'none', spilling: false, behind: null };
      this.host.machine.requested(this.laneOf(owned, event.tenantId, hookId), delivery);
    }
  }

  /** Acts when it is read. Its record is done when the lane's row remembers what it did. */
  private obey(owned: OwnedPartition, { tenantId, hookId, command }: ReadCommand): void {
    const record = { offset: command.offset, pending: 1, mark: null, outcomesFrom: owned.outcomesFromOf(command.offset) };
    owned.progress.add(record);
    owned.readUpTo = command.offset + 1;
    const done = (): void => owned.progress.settle(record);
    const isNothing = !owned.lanes.has(hookId) && (command.kind === 'retry-now' || command.kind === 'skip-head');
    const lane = isNothing ? null : this.laneOf(owned, tenantId, hookId);
    if (lane?.tenantId === tenantId) this.host.machine.commanded(lane, command, done);
    else done();
  }

  private laneOf(owned: OwnedPartition, tenantId: string, hookId: string): Lane {
    const known = owned.lanes.get(hookId);
    if (known) return known;
    const lane = createLane(owned.partition, tenantId, hookId, this.host.enabledEpochOf(hookId), this.host.monotonicMs());
    lane.suspectBelow = owned.suspectBelow;
    owned.lanes.set(hookId, lane);
    this.host.welcome(owned, lane);
    return lane;
  }

  private openGates(owned: OwnedPartition): void {
    for (const lane of owned.gated) {
      if (lane.readGate >= owned.readUpTo) continue;
      owned.gated.delete(lane);
      this.host.machine.advance(lane);
    }
  }
}

function isUnreadable({ kind }: ReadRecord): boolean {
  return kind === 'unreadable';
}

function unreadableOf(record: LogRecord, read: ReadRecord | undefined): UnreadableRecord[] {
  return read?.kind === 'unreadable' ? [{ record, reason: read.reason }] : [];
}
