import type { SourceMark } from '@hooklane/routing';
import type { PlaceKey } from '../query/stored.js';
import type { EnablingVersion } from './catch-up-border.js';
import type { NumberedItem } from './replay-records.js';
import type { CatchUpOpening, DeliveryPlace, FateCounts, NewReplay, ReadGoal, Replay, ReplayChangeNote, ReplayKind, ReplaySelection, ReplayState } from './replay.js';

export interface ReplayFilter {
  readonly state?: ReplayState | undefined;
  readonly kind?: ReplayKind | undefined;
}

/** Replays as people and the worker see them. */
export interface ReplayBook {
  /** Does nothing when there is one of this id. @returns whether it is new */
  create(replay: NewReplay): Promise<boolean>;
  find(tenantId: string, replayId: string): Promise<Replay | null>;
  /** Newest first. */
  page(tenantId: string, filter: ReplayFilter, limit: number, after: PlaceKey | null): Promise<{ readonly replays: readonly Replay[]; readonly next: PlaceKey | null }>;
  /** @returns false when it is in none of the states `from` any more */
  change(replayId: string, from: readonly ReplayState[], to: ReplayState, note: ReplayChangeNote): Promise<boolean>;
  /** What came of their deliveries so far, of each that made any. */
  fates(replays: readonly Pick<Replay, 'tenantId' | 'replayId'>[]): Promise<ReadonlyMap<string, FateCounts>>;
}

/** What lanes say of catch-ups. */
export interface CatchUpBook extends Pick<ReplayBook, 'create'> {
  /** Those of the hook that were begun before this offset of its partition and have not ended. @returns whether there were any */
  cancelCatchUps(tenantId: string, hookId: string, beforeOffset: number, note: ReplayChangeNote): Promise<boolean>;
}

/** What is wanted of one walk, with what is known only now. */
export interface SelectionWish {
  readonly tenantId: string;
  readonly selection: ReplaySelection;
  /** Hooks that the tenant has, of those that are wanted. */
  readonly hookIds: readonly string[];
  /** Of a catch-up: what was skipped under a higher version of the hook, before its command. */
  readonly catchUp: (CatchUpOpening & { readonly aboveVersion: number }) | null;
}

export interface SelectionStep {
  /** Deliveries found. */
  readonly found: number;
  /** Where to go on; null: everything was looked at. */
  readonly next: DeliveryPlace | null;
}

export interface Selections {
  count(wish: SelectionWish, after: DeliveryPlace | null): Promise<SelectionStep>;
  /** Looks at some more deliveries, and keeps what is found with where it goes on; after the last step it is selected. Null: somebody else is at it, or it is not selecting any more. */
  take(replay: Replay, wish: SelectionWish): Promise<SelectionStep | null>;
  /** Versions of the hook, and the epochs whose catch-ups were completed. */
  enablings(hookId: string): Promise<{ readonly versions: readonly EnablingVersion[]; readonly completed: ReadonlySet<number> }>;
  /** Which of these partitions log-query has not read so far. */
  unread(goals: readonly ReadGoal[]): Promise<readonly ReadGoal[]>;
}

export interface StreamLease {
  readonly partition: number;
  /** Another one whenever the owner was another in between. */
  readonly epoch: number;
}

export type Numbered =
  | { readonly kind: 'numbered'; readonly count: number }
  /** Some that have their numbers are still to be made. */
  | { readonly kind: 'unfinished' }
  /** Its rate allows the next in so many milliseconds; null: there is nothing to number. */
  | { readonly kind: 'not-now'; readonly inMs: number | null }
  | { readonly kind: 'lost' };

/** What became of an item whose turn came. */
export type ItemResult = 'produced' | 'expired' | 'already-pending';

export interface LoadedItem extends NumberedItem {
  /** EventAccepted; null: it is not kept any more. */
  readonly event: Buffer | null;
  /** Something else is bringing the event to the hook. */
  readonly isPending: boolean;
}

/** The one source stream of each partition of deliveries.requested. */
export interface ReplayStreams {
  /** @param atOnce also from another owner whose lease goes on @returns null: it is somebody else's */
  lease(partition: number, owner: string, atOnce: boolean): Promise<StreamLease | null>;
  /** What log-query's fold has seen of the stream, and the offset behind that. */
  folded(partition: number, stream: string): Promise<{ readonly mark: SourceMark; readonly next: number }>;
  /** Gives numbers above `mark`, and above all that were given, to the next items of the replay. */
  number(lease: StreamLease, owner: string, replay: Pick<Replay, 'replayId' | 'ratePerSecond'>, mark: SourceMark): Promise<Numbered>;
  /** Those that have numbers, in their order, some at a time. */
  numbered(partition: number): Promise<readonly LoadedItem[]>;
  settle(partition: number, items: readonly (NumberedItem & { readonly result: ItemResult })[]): Promise<void>;
}

/** What the worker looks at in every round. */
export interface ReplayWork {
  /** Those of which something is left to be done. */
  open(): Promise<readonly Replay[]>;
  /** Where something is to be made: of running replays, and (null) of any that have numbered items. */
  partitions(count: number): Promise<readonly { readonly partition: number; readonly replayId: string | null }[]>;
  note(replayId: string, waitsFor: string): Promise<void>;
}

export interface ReplayEnds {
  /** Nothing selected is left to be made. */
  isEmpty(replayId: string): Promise<boolean>;
  /** Removes some items that have no number. @returns how many */
  drop(replayId: string): Promise<number>;
  /** It has ended in `state`; a replay that is in it already keeps who brought it there. @returns false when there are items left, or it is in none of the states `from` */
  close(replayId: string, from: readonly ReplayState[], state: ReplayState, note: ReplayChangeNote): Promise<boolean>;
}

/** What keeps the answers of replays that have ended, when their deliveries are removed. */
export interface ReplayArchive {
  /** Those that have ended and whose deliveries are not known to have all their fates. */
  unsettled(): Promise<readonly Replay[]>;
  keepFates(replayId: string, fates: FateCounts): Promise<void>;
  /** Removes what ended before this moment. @returns how many */
  removeBefore(ms: number): Promise<number>;
}
