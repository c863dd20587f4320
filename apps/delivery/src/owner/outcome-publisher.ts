import { Topics } from '@hooklane/contracts/topics';
import type { OutcomeLog } from '../ports.js';
import type { OwnedPartition, PendingOutcome } from './owned-partition.js';

export interface PublishedOutcomes {
  acked(outcome: PendingOutcome, offset: number): void;
  /** All of `acked` of this append were called. */
  settled(): void;
  failed(owned: OwnedPartition, error: unknown): void;
}

/** Appends outcomes in the order in which they are handed over; what comes within one turn of the event loop goes in one call. */
export class OutcomePublisher {
  private waiting: PendingOutcome[] = [];
  private isScheduled = false;
  private underWay = 0;

  constructor(
    private readonly log: OutcomeLog,
    private readonly target: PublishedOutcomes,
  ) {}

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.underWay === 0;
  }

  publish(outcome: PendingOutcome): void {
    outcome.owned.unacked.push(outcome);
    this.waiting.push(outcome);
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.append());
  }

  private append(): void {
    this.isScheduled = false;
    const outcomes = this.waiting.filter(({ owned }) => !owned.isLost || owned.isHandedOver);
    this.waiting = [];
    if (outcomes.length === 0) return;
    const records = outcomes.map(({ owned, bytes, headers }) => ({ topic: Topics.deliveryOutcomes, partition: owned.partition, key: null, value: bytes, ...(headers ? { headers } : {}) }));
    this.underWay += 1;
    this.log.append(records).then(
      (offsets) => this.acked(outcomes, offsets),
      (error: unknown) => this.failed(outcomes, error),
    );
  }

  private acked(outcomes: readonly PendingOutcome[], offsets: readonly number[]): void {
    this.underWay -= 1;
    for (const [index, outcome] of outcomes.entries()) {
      const { owned } = outcome;
      const offset = offsets[index] as number;
      outcome.isAcked = true;
      while (owned.unacked.first()?.isAcked) owned.unacked.shift();
      if (owned.isLost) continue;
      owned.outcomesEnd = Math.max(owned.outcomesEnd, offset + 1);
      this.target.acked(outcome, offset);
    }
    this.target.settled();
  }

  /** The port waits for the log for ever, so this is not an outage: the partitions are taken over anew, by ourselves. */
  private failed(outcomes: readonly PendingOutcome[], error: unknown): void {
    this.underWay -= 1;
    for (const owned of new Set(outcomes.map((outcome) => outcome.owned))) this.target.failed(owned, error);
  }
}
