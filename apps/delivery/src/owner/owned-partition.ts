import { RequestFold } from '@hooklane/routing';
import type { Lane, Delivery } from '../lanes/lane.js';
import type { Renewal } from '../lanes/lease.js';
import { Progress, type ProgressSnapshot } from '../lanes/progress.js';
import { Queue } from '../lanes/queue.js';
import type { OutcomeHistory } from '../lanes/take-over.js';

/** An outcome on its way into the log. */
export interface PendingOutcome {
  readonly owned: OwnedPartition;
  readonly lane: Lane;
  readonly delivery: Delivery;
  readonly bytes: Buffer;
  /** Its delivery has its fate with this outcome. */
  readonly isFinal: boolean;
  /** `continue`: the lane went on already. `recorded`: it waits for this with its head. `republished`: it waits for this, and its head is the next delivery. */
  readonly then: 'continue' | 'recorded' | 'republished';
  readonly appendedAtMs: number;
  isAcked: boolean;
}

/** A partition while this process owns it. A lost one is thrown away whole: whatever still comes back for it finds `isLost`. */
export class OwnedPartition {
  readonly lanes = new Map<string, Lane>();
  readonly fold: RequestFold;
  readonly progress: Progress;
  readonly unacked = new Queue<PendingOutcome>();
  /** Parked rows whose outcome is acked and which are not removed yet; a new owner must still find those outcomes. */
  readonly removals = new Queue<{ readonly outcomeOffset: number; isDone: boolean }>();
  /** Lanes that wait until the partition has been read beyond what was parked when it was taken over. */
  readonly gated = new Set<Lane>();
  /** `<offset>/<hook id>` of final outcomes of the last owner that are being published: until they are acked their records are not done. */
  readonly republishing = new Map<string, Delivery>();
  readUpTo: number;
  sequence = 0;
  isLost = false;
  /** Revoked: nothing starts any more, what is under way may end. */
  isDraining = false;
  flushedVersion = -1;
  flushedAtMs = 0;

  constructor(
    readonly partition: number,
    readonly epoch: number,
    start: ProgressSnapshot,
    public renewed: Renewal,
    /** Where the outcomes partition ends, as far as we know. */
    public outcomesEnd: number,
    readonly history: OutcomeHistory,
    /** `<offset>/<hook id>` of parked rows at or above the watermark. */
    readonly parkedAbove: ReadonlySet<string>,
    /** Below it another owner may have sent without a trace; 0 after a clean hand-over. */
    readonly suspectBelow: number,
    /** Records below it may have outcomes from the last owner. */
    readonly inheritedBelow: number,
  ) {
    this.fold = new RequestFold(start.marks);
    this.progress = new Progress(start);
    this.inheritedOutcomesFrom = start.outcomesFrom;
    this.readUpTo = start.watermark;
  }

  readonly inheritedOutcomesFrom: number;

  /** Where the outcomes of a record read now can begin. */
  outcomesFromOf(offset: number): number {
    return offset < this.inheritedBelow ? this.inheritedOutcomesFrom : this.outcomesEnd;
  }

  snapshot(): ProgressSnapshot {
    const snapshot = this.progress.snapshot(this.readUpTo < this.inheritedBelow ? 0 : this.outcomesEnd);
    const oldestRemoval = this.removals.first()?.outcomeOffset ?? Infinity;
    return { ...snapshot, outcomesFrom: Math.min(snapshot.outcomesFrom, oldestRemoval) };
  }
}
