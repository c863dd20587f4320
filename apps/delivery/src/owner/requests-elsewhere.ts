import { DeliveryOutcome, Topics } from '@hooklane/contracts/topics';
import type { Logger } from '@hooklane/telemetry';
import { answered, charged, dropSettled, LANE_AFTER_HEADER, type AnswerElsewhere, type BusyElsewhere } from '../lanes/busy-elsewhere.js';
import type { Lane } from '../lanes/lane.js';
import type { LaneMachine } from '../lanes/lane-machine.js';
import { rowStateOf } from '../lanes/take-over.js';
import type { LaneRow, OutcomeLog } from '../ports.js';
import type { LaneRecords } from './lane-records.js';
import type { OwnedPartition } from './owned-partition.js';

export interface RequestsElsewhereParts {
  readonly log: OutcomeLog;
  readonly logger: Logger;
}

/** What following the former owner needs of the lanes' owner. */
export interface RequestsElsewhereHost {
  readonly machine: LaneMachine;
  readonly records: LaneRecords;
  readonly partitions: ReadonlyMap<number, OwnedPartition>;
  /** Postgres time. */
  nowMs(): number;
}

/**
 * Requests that a former owner had in flight when it let go of a partition. Their lanes wait here until that owner has published what came of them, or their time is up;
 * so the outcomes partition is read beyond what it held at the take-over, as long as there are any (docs/adr/0004-busy-lanes-at-a-hand-over.md).
 */
export class RequestsElsewhere {
  private isReading = false;

  constructor(
    private readonly parts: RequestsElsewhereParts,
    private readonly host: RequestsElsewhereHost,
  ) {}

  /** Rows that speak of requests that are over already are written anew. */
  begin(owned: OwnedPartition): void {
    for (const hookId of owned.busyRows) {
      const lane = owned.lanes.get(hookId);
      if (lane && !owned.busy.has(hookId)) this.host.records.writeRow(lane, null, null);
    }
  }

  /** Reads what is new in the outcomes of partitions with busy lanes. Called ten times a second; one reading at a time. */
  async follow(): Promise<void> {
    const waiting = [...this.host.partitions.values()].filter(({ busy }) => busy.size > 0);
    if (waiting.length === 0 || this.isReading) return;
    this.isReading = true;
    try {
      // Before the log is asked: what is not in it by the end of its time never counts.
      const nowMs = this.host.nowMs();
      const bounds = await this.parts.log.bounds(Topics.deliveryOutcomes);
      for (const owned of waiting) {
        await this.read(owned, bounds[owned.partition]?.next ?? 0);
        this.timesUp(owned, nowMs);
      }
    } catch (error) {
      this.parts.logger.warn('the outcomes of a former owner could not be read; trying again', { error: error instanceof Error ? error.message : String(error) });
    } finally {
      this.isReading = false;
    }
  }

  private async read(owned: OwnedPartition, to: number): Promise<void> {
    if (owned.outcomesRead >= to) return;
    for await (const records of this.parts.log.read({ topic: Topics.deliveryOutcomes, partition: owned.partition, from: owned.outcomesRead, to })) {
      if (owned.isLost) return;
      for (const { value, headers, offset } of records) {
        const after = headers[LANE_AFTER_HEADER];
        if (after !== undefined) this.answered(owned, { outcome: DeliveryOutcome.decode(value), after: JSON.parse(after) as AnswerElsewhere['after'], offset });
      }
    }
    owned.outcomesRead = to;
  }

  private answered(owned: OwnedPartition, answer: AnswerElsewhere): void {
    const { hookId, fate } = answer.outcome;
    const lane = owned.lanes.get(hookId);
    const busy = owned.busy.get(hookId);
    const left = lane && busy && answered(lane, busy, answer);
    if (!lane || left === busy) return;
    if (fate !== 'pending') this.settled(owned, lane, answer);
    if (left) owned.busy.set(hookId, left);
    else this.goOn(owned, lane);
  }

  private timesUp(owned: OwnedPartition, nowMs: number): void {
    if (owned.isLost) return;
    for (const [hookId, busy] of owned.busy) {
      const lane = owned.lanes.get(hookId);
      if (!lane || busy.untilMs > nowMs) continue;
      this.parts.logger.warn('a request of the former owner has no outcome; it counts as failed', { hookId, partition: owned.partition, ownerEpoch: busy.ownerEpoch });
      charged(lane, busy);
      dropSettled(lane, busy, (offset) => owned.history.isSettled(offset, hookId));
      this.goOn(owned, lane);
    }
  }

  private goOn(owned: OwnedPartition, lane: Lane): void {
    owned.busy.delete(lane.hookId);
    this.host.records.writeRow(lane, null, null);
    this.host.machine.advance(lane);
  }

  private settled(owned: OwnedPartition, lane: Lane, { outcome, offset: outcomeOffset }: AnswerElsewhere): void {
    const { requestOffset: offset, trigger } = outcome;
    // What was not read yet is left out when it is; what was, and is not in memory, stands in Postgres or is on its way there.
    const isParked = offset < owned.readUpTo || owned.parkedAbove.has(`${offset}/${lane.hookId}`);
    owned.history.settle(offset, lane.hookId);
    const delivery = this.host.machine.settledElsewhere(lane, offset, isParked, trigger === 'catch-up');
    if (delivery) this.host.records.settle(owned, lane, delivery, outcomeOffset);
    else if (isParked) this.host.records.settleParked(owned, lane, offset, outcomeOffset);
  }
}

/** What the row of a lane says when its partition is let go of while it has requests in flight. */
export function busyRowOf(owned: OwnedPartition, lane: Lane, busy: BusyElsewhere): LaneRow {
  const state = rowStateOf(lane.health, owned, { width: lane.width, announced: [], orders: lane.orders }, busy);
  return { partition: owned.partition, hookId: lane.hookId, tenantId: lane.tenantId, state: JSON.stringify(state), unpublished: null };
}
