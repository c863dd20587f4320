import { RequestFold } from '@hooklane/routing';
import type { BusyElsewhere } from '../lanes/busy-elsewhere.js';
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
  /** `continue`: the lane went on already. `recorded`: it waits for this with its head. `republished`: it waits for this, and its head is the next delivery. `opened`: a catch-up waits for it. */
  readonly then: 'continue' | 'recorded' | 'republished' | 'opened';
  readonly appendedAtMs: number;
  isAcked: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A partition while this process owns it. A lost one is thrown away whole: whatever still comes back for it finds `isLost`. */
export class OwnedPartition {
  readonly lanes = new Map<string, Lane>();
  readonly fold: RequestFold;
  readonly progress: Progress;
  readonly unacked = new Queue<PendingOutcome>();
  /** Parked rows whose outcome is acked and which are not removed yet; a new owner must still find those outcomes, of which none stands before the first one's. */
  private readonly removals = new Queue<{ outcomeOffset: number; isDone: boolean }>();
  /** Lanes that wait until the partition has been read beyond what was parked when it was taken over. */
  readonly gated = new Set<Lane>();
  /** `<offset>/<hook id>` of final outcomes of the last owner that are being published: until they are acked their records are not done. */
  readonly republishing = new Map<string, Delivery>();
  /** Hooks of which the owner before still has requests in flight. */
  readonly busy = new Map<string, BusyElsewhere>();
  /** Hooks whose row in Postgres says so, rightly or no longer: until it is written anew, the next owner must find those outcomes, too. */
  readonly busyRows = new Set<string>();
  /** Up to where the outcomes partition was read, for the answers to those. */
  outcomesRead: number;
  readUpTo: number;
  sequence = 0;
  isLost = false;
  /** Lost because we let go in order: requests in flight may end, and what comes of them is published and nothing else. */
  isHandedOver = false;
  /** Postgres has said that it is let go of, with the hooks whose requests are in flight: those may take the time that stands there. */
  isReleased = false;
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
    this.outcomesRead = outcomesEnd;
  }

  readonly inheritedOutcomesFrom: number;

  /** Where the outcomes of a record read now can begin. */
  outcomesFromOf(offset: number): number {
    return offset < this.inheritedBelow ? this.inheritedOutcomesFrom : this.outcomesEnd;
  }

  /** What the next owner must take for suspect as we had to: lanes with something below that were not charged; 0: there are none. */
  suspicion(): number {
    if (this.suspectBelow === 0 || this.readUpTo < this.suspectBelow) return this.suspectBelow;
    for (const { suspectBelow, parkedCount, live, keyed, waiting } of this.lanes.values()) {
      if (suspectBelow > 0 && (parkedCount > 0 || keyed !== null || waiting !== null || (live.first()?.request.offset ?? Infinity) < suspectBelow)) return this.suspectBelow;
    }
    return 0;
  }

  /** A parked row is on its way out. @param outcomeOffset of its fate @returns to be called when it is gone */
  removing(outcomeOffset: number): () => void {
    // The outcome of a former owner is read late: those of rows that are going already may stand behind it.
    if ((this.removals.last()?.outcomeOffset ?? -1) > outcomeOffset) for (const earlier of this.removals) earlier.outcomeOffset = Math.min(earlier.outcomeOffset, outcomeOffset);
    const removal = { outcomeOffset, isDone: false };
    this.removals.push(removal);
    return () => {
      removal.isDone = true;
      while (this.removals.first()?.isDone) this.removals.shift();
    };
  }

  snapshot(): ProgressSnapshot {
    const snapshot = this.progress.snapshot(this.readUpTo < this.inheritedBelow ? 0 : this.outcomesEnd);
    const oldestRemoval = this.removals.first()?.outcomeOffset ?? Infinity;
    const oldestAnswer = this.busyRows.size > 0 ? this.inheritedOutcomesFrom : Infinity;
    return { ...snapshot, outcomesFrom: Math.min(snapshot.outcomesFrom, oldestRemoval, oldestAnswer) };
  }
}
