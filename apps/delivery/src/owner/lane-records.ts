import { DeliveryOutcome, type HookChanged } from '@hooklane/contracts/topics';
import type { Clock } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';
import { chargedFailures, isHealthy } from '../attempt/lane-health.js';
import type { DeliveryMetrics } from '../delivery.metrics.js';
import { MAX_FOLLOWERS, type KeyHead } from '../lanes/keyed-line.js';
import type { Delivery, Lane } from '../lanes/lane.js';
import { LANE_AFTER_HEADER, type LaneAfter } from '../lanes/busy-elsewhere.js';
import type { LaneMachine } from '../lanes/lane-machine.js';
import { catchUpReplayId, isForgettableOrders, type CatchUp } from '../lanes/lane-orders.js';
import { rowStateOf } from '../lanes/take-over.js';
import type { LaneRowStore, OutcomeLog, ParkedRow, ParkingStore } from '../ports.js';
import { LaneRowWriter } from './lane-row-writer.js';
import { OutcomePublisher, type PublishedOutcomes } from './outcome-publisher.js';
import { encodeOutcome, outcomeOf } from './outcome-record.js';
import type { OwnedPartition, PendingOutcome } from './owned-partition.js';
import { ParkingWriter, type ParkingTarget } from './parking-writer.js';
import { placeholderOf, requestedEventOf } from './requested-event.js';

export interface LaneRecordsParts {
  readonly log: OutcomeLog;
  readonly laneRows: LaneRowStore;
  readonly parking: ParkingStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: DeliveryMetrics;
  readonly instanceId: string;
}

/** What the keeping of records needs of the lanes' owner. */
export interface RecordsHost {
  readonly machine: LaneMachine;
  homeOf(lane: Lane): OwnedPartition;
  hook(hookId: string): HookChanged | undefined;
  nowMs(): number;
  wake(lane: Lane, atMs: number): void;
  /** Lanes hold half of what they may. */
  isMemoryShort(): boolean;
  /** Outcomes were acked: what waited for that may go on. */
  advanceStalled(): void;
  lost(owned: OwnedPartition): void;
}

const PAGE_RECORDS = 256;
const PAGE_BYTES = 1024 * 1024;
/** While memory is short, or ten thousand hooks come back at once: each lane still gets on, with a page of its own now and then. */
const SMALL_PAGE_RECORDS = 16;
const SMALL_PAGE_BYTES = 64 * 1024;
/** Of that many large pages under way at once the memory that they will take is not known yet; more than the connections for it gain nothing. */
const LARGE_PAGES = 24;
const PAGE_AGAIN_MS = 500;
/** Source streams that bring no events of their own. */
const REPLAY_STREAMS = 'replay/';
const NO_OUTCOME = DeliveryOutcome.decode(new Uint8Array(0));

/** What lanes leave behind: outcomes in the log, rows and parked deliveries in Postgres, and the watermark that follows from them. */
export class LaneRecords implements PublishedOutcomes, ParkingTarget {
  private readonly outcomes: OutcomePublisher;
  private readonly rows: LaneRowWriter;
  private readonly parkingWriter: ParkingWriter;
  private pagesUnderWay = 0;

  constructor(
    private readonly parts: LaneRecordsParts,
    private readonly host: RecordsHost,
  ) {
    this.outcomes = new OutcomePublisher(parts.log, this);
    this.rows = new LaneRowWriter(parts.laneRows, parts.instanceId, this);
    this.parkingWriter = new ParkingWriter(parts.parking, parts.instanceId, this);
  }

  /** Nothing is on its way to Postgres or to the log. */
  get isIdle(): boolean {
    return this.outcomes.isIdle && this.rows.isIdle && this.parkingWriter.isIdle;
  }

  /** No outcome and no lane row of the partition is on its way. Parking may be: what is not parked, or not removed, its next owner finds by the watermark and by `outcomesFrom`. */
  isWritten(owned: OwnedPartition): boolean {
    return owned.unacked.length === 0 && this.rows.isIdleOf(owned);
  }

  get pendingBytes(): number {
    return this.parkingWriter.pendingBytes;
  }

  conclude(lane: Lane, delivery: Delivery, fate: 'skipped' | 'discarded', reason: string): void {
    const owned = this.host.homeOf(lane);
    const outcome = outcomeOf(owned, lane, delivery, this.host.hook(lane.hookId)?.version ?? delivery.hookVersion, this.parts.clock.nowMs());
    outcome.fate = fate;
    outcome.fateReason = reason;
    this.parts.metrics.concluded(fate);
    this.publish(owned, lane, delivery, encodeOutcome(outcome), true, 'continue');
  }

  repeatVerdict(lane: Lane, delivery: Delivery): void {
    const { held, enabledEpoch } = lane.health;
    if (!held || held.reason === 'exhausted') return;
    const owned = this.host.homeOf(lane);
    const outcome = outcomeOf(owned, lane, delivery, held.hookVersion, this.parts.clock.nowMs());
    outcome.verdict = { enabledEpoch, policyVersion: held.policyVersion, count: chargedFailures(lane.health), reason: held.reason };
    this.publish(owned, lane, delivery, encodeOutcome(outcome), false, 'continue');
  }

  park(lane: Lane, deliveries: readonly Delivery[]): void {
    this.parkingWriter.park(this.host.homeOf(lane), lane, deliveries);
  }

  load(lane: Lane, token: number, commits: number): void {
    const owned = this.host.homeOf(lane);
    const after = lane.drainedTo;
    const size = this.pagesUnderWay >= LARGE_PAGES || this.host.isMemoryShort() ? { records: SMALL_PAGE_RECORDS, bytes: SMALL_PAGE_BYTES } : { records: PAGE_RECORDS, bytes: PAGE_BYTES };
    this.pagesUnderWay += 1;
    this.parts.parking.page({ partition: owned.partition, hookId: lane.hookId, after, ...size, ...borderOf(lane) }).then(
      (rows) => {
        this.pagesUnderWay -= 1;
        this.pageRead(owned, lane, rows, after, token, commits);
      },
      (error: unknown) => {
        this.pagesUnderWay -= 1;
        this.failed('a page of parked deliveries', error);
        lane.isLoading = false;
        this.host.wake(lane, this.host.nowMs() + PAGE_AGAIN_MS);
      },
    );
  }

  /** The head of a key and what is behind it. */
  loadKey(lane: Lane, head: KeyHead, after: number, upTo: number): void {
    const owned = this.host.homeOf(lane);
    const isKey = lane.keyed?.order === 'fifo-per-key';
    const page = { partition: owned.partition, hookId: lane.hookId, after, upTo, records: MAX_FOLLOWERS, bytes: PAGE_BYTES, ...borderOf(lane) };
    this.parts.parking.page(isKey ? { ...page, orderingKey: head.key } : page).then(
      (rows) => {
        if (!owned.isLost) this.host.machine.keyLoaded(lane, head, this.unsettled(owned, lane, rows));
      },
      (error: unknown) => {
        this.failed('parked deliveries of a key', error);
        if (owned.isLost) return;
        setTimeout(() => owned.isLost || this.host.machine.keyLoaded(lane, head, null), PAGE_AGAIN_MS);
      },
    );
  }

  openCatchUp(lane: Lane, catchUp: CatchUp): void {
    const owned = this.host.homeOf(lane);
    const nowMs = this.parts.clock.nowMs();
    const delivery = { request: placeholderOf(NO_OUTCOME), hookVersion: 0, arrivedAtMs: 0, record: null, row: 'none', spilling: false, behind: null } as const;
    const outcome = outcomeOf(owned, lane, delivery, this.host.hook(lane.hookId)?.version ?? 0, nowMs);
    Object.assign(outcome, { tenantId: lane.tenantId, deliveryId: '', eventId: '', requestOffset: 0, trigger: 'catch-up', replayId: catchUpReplayId(lane.hookId, catchUp.epoch), fate: '', eventAcceptedAtMs: nowMs });
    // The marks as of now: what was read since then adds nothing to what is replayed.
    const positions: Record<string, number> = {};
    for (const [stream, { position }] of owned.fold.snapshot()) if (!stream.startsWith(REPLAY_STREAMS)) positions[stream] = position;
    outcome.catchUpOpened = { epoch: catchUp.epoch, commandOffset: catchUp.border, positions };
    this.publish(owned, lane, delivery, Buffer.from(DeliveryOutcome.encode(outcome).finish()), false, 'opened');
  }

  publish(owned: OwnedPartition, lane: Lane, delivery: Delivery, bytes: Buffer, isFinal: boolean, then: PendingOutcome['then']): void {
    if (owned.isLost) return;
    if (isFinal) lane.unackedFates += 1;
    this.outcomes.publish({ owned, lane, delivery, bytes, isFinal, then, appendedAtMs: this.parts.clock.monotonicMs(), isAcked: false });
  }

  /** What came of a request after the partition was handed over: its new owner reads it, and does the rest. */
  publishHandedOver(owned: OwnedPartition, lane: Lane, delivery: Delivery, bytes: Buffer, after: LaneAfter): void {
    const headers = { [LANE_AFTER_HEADER]: JSON.stringify(after) };
    this.outcomes.publish({ owned, lane, delivery, bytes, isFinal: false, then: 'continue', appendedAtMs: this.parts.clock.monotonicMs(), isAcked: false, headers });
  }

  acked({ owned, lane, delivery, isFinal, then }: PendingOutcome, offset: number): void {
    if (then === 'opened') {
      this.host.machine.catchUpOpened(lane, lane.orders?.catchUp?.epoch ?? 0);
      return;
    }
    if (isFinal) {
      lane.unackedFates -= 1;
      this.settle(owned, lane, delivery, offset);
    }
    if (then !== 'continue') {
      owned.republishing.delete(`${delivery.request.offset}/${lane.hookId}`);
      this.host.machine.recorded(lane, delivery, then === 'recorded' && isFinal);
      this.tidyRow(lane);
    } else if (lane.hasRow && isFinal) {
      this.tidyRow(lane);
    }
    // A catch-up waits for the last fate before it.
    if (lane.orders !== null && lane.unackedFates === 0) this.host.machine.advance(lane);
  }

  settled(): void {
    this.host.advanceStalled();
  }

  parked(lane: Lane, deliveries: readonly Delivery[]): void {
    const owned = this.host.homeOf(lane);
    for (const delivery of deliveries) {
      if (!delivery.record) continue;
      owned.progress.settle(delivery.record);
      delivery.record = null;
    }
    this.host.machine.parked(lane, deliveries);
  }

  failed(what: string | OwnedPartition, error: unknown): void {
    if (typeof what === 'string') {
      this.parts.logger.warn(`${what} could not be reached in Postgres; trying again`, { error: messageOf(error) });
      return;
    }
    this.parts.logger.error('the log refused outcomes; taking the partition over anew', { partition: what.partition, error: messageOf(error) });
    this.host.lost(what);
  }

  lost(owned: OwnedPartition): void {
    this.host.lost(owned);
  }

  writeRow(lane: Lane, unpublished: Buffer | null, done: (() => void) | null): void {
    const owned = this.host.homeOf(lane);
    if (owned.isLost) return;
    const busy = owned.busy.get(lane.hookId);
    const { width, announced, orders, headWrites: heads, rowDone } = lane;
    const isWell = isHealthy(lane.health) && width === 0 && announced.length === 0 && isForgettableOrders(orders, this.host.hook(lane.hookId));
    const isGone = unpublished === null && done === null && busy === undefined && isWell;
    if (isGone) lane.hasRow = false;
    const state = isGone ? '' : JSON.stringify(rowStateOf(lane.health, owned, lane, busy));
    lane.headWrites = null;
    lane.rowDone = null;
    const told = rowDone === null ? done : toldBy(rowDone, done);
    this.rows.write({ owned, lane, state, unpublished, done: busy === undefined && owned.busyRows.has(lane.hookId) ? () => this.noLongerBusy(owned, lane, told) : told, heads });
  }

  private noLongerBusy(owned: OwnedPartition, lane: Lane, done: (() => void) | null): void {
    owned.busyRows.delete(lane.hookId);
    done?.();
  }

  private pageRead(owned: OwnedPartition, lane: Lane, rows: readonly ParkedRow[], after: number, token: number, commits: number): void {
    if (owned.isLost) return;
    this.host.machine.loaded(lane, this.unsettled(owned, lane, rows), rows.at(-1)?.offset ?? after, token, commits);
  }

  /** A row whose final outcome was only recorded by the last owner, and is published by now, may still be on its way out. */
  private unsettled(owned: OwnedPartition, { hookId }: Lane, rows: readonly ParkedRow[]): Delivery[] {
    const nowMs = this.parts.clock.monotonicMs();
    return rows.filter(({ offset }) => !owned.history.isSettled(offset, hookId)).map((row) => deliveryFrom(row, nowMs));
  }

  /** The row of a lane that is well again goes; one whose outcome is published need not keep it. A row that is being written already is newer than this. */
  private tidyRow(lane: Lane): void {
    if (lane.phase !== 'recording' && lane.phase !== 'announcing') this.writeRow(lane, null, null);
  }

  /** The delivery has its fate, and the log has it: the watermark may pass, the parked row may go. */
  settle(owned: OwnedPartition, lane: Lane, delivery: Delivery, outcomeOffset: number): void {
    if (delivery.record) {
      owned.progress.settle(delivery.record);
      delivery.record = null;
    }
    if (delivery.row !== 'none') this.settleParked(owned, lane, delivery.request.offset, outcomeOffset);
  }

  /** The same of one that stands in Postgres only, or is on its way there. */
  settleParked(owned: OwnedPartition, lane: Lane, offset: number, outcomeOffset: number): void {
    const key = { partition: owned.partition, offset, hookId: lane.hookId };
    const gone = owned.removing(outcomeOffset);
    this.parkingWriter.remove(owned, key, () => {
      gone();
      if (!owned.isLost) this.host.machine.removed(lane, offset);
    });
  }
}

function deliveryFrom(row: ParkedRow, arrivedAtMs: number): Delivery {
  return { request: requestedEventOf(row), hookVersion: row.hookVersion, arrivedAtMs, record: null, row: 'stored', spilling: false, behind: null };
}

/** While the lane catches up: what waits for the end of that is no part of its line, and of no key. */
function borderOf({ orders }: Lane): { readonly border?: number } {
  const border = orders?.catchUp?.border;
  return border === undefined ? {} : { border };
}

function toldBy(rowDone: readonly (() => void)[], done: (() => void) | null): () => void {
  return () => {
    for (const tell of rowDone) tell();
    done?.();
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
