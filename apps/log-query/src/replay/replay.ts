import type { replayKinds, replayStates } from '@hooklane/contracts/rest';

export type ReplayState = (typeof replayStates)[number];
export type ReplayKind = (typeof replayKinds)[number];

/** Which deliveries are made again; times are those of the acceptance of their events, milliseconds. */
export interface ReplaySelection {
  /** Null: every hook that the tenant has while it is selected. */
  readonly hookIds: readonly string[] | null;
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
  readonly types: readonly string[] | null;
  readonly projects: readonly string[] | null;
  /** Names as in `codes.ts`; never pending. */
  readonly fates: readonly string[];
  /** An event counts by what came of it last. It goes to a hook once in either case. */
  readonly onlyLatest: boolean;
}

/** What the command begin-catch-up said, and what its answer (`catchUpOpened`) named. */
export interface CatchUpOpening {
  readonly hookId: string;
  /** HookChanged.catch_up_epoch. */
  readonly epoch: number;
  /** Of deliveries.requested: where the hook lives, and where begin-catch-up stands in it. */
  readonly partition: number;
  readonly commandOffset: number;
}

/** How far a partition has to be read: up to before `next`. */
export interface ReadGoal {
  readonly topic: string;
  readonly partition: number;
  readonly next: number;
}

/** The place of a delivery in the order in which a selection walks through them: that of their index. */
export interface DeliveryPlace {
  readonly acceptedAtMs: number;
  readonly requestOffset: number;
  readonly requestPartition: number;
  readonly hookId: string;
}

export interface ReplayCounts {
  readonly selected: number;
  readonly produced: number;
  readonly expired: number;
  readonly alreadyPending: number;
}

/** Numbers of deliveries by fate, as in `codes.ts`. */
export type FateCounts = Readonly<Record<'pending' | 'delivered' | 'exhausted' | 'discarded' | 'skipped', number>>;

/** Who changed a replay last, and why. */
export interface ReplayChangeNote {
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
}

export interface NewReplay {
  /** `rpl_…`, or `catch-up/<hook id>/<epoch>`. Stands in every delivery that it makes. */
  readonly replayId: string;
  readonly tenantId: string;
  readonly kind: ReplayKind;
  readonly created: ReplayChangeNote;
  readonly selection: ReplaySelection;
  readonly catchUp: CatchUpOpening | null;
  /** Null: no limit. */
  readonly ratePerSecond: number | null;
  /** Nothing is selected before log-query has read so far. */
  readonly goals: readonly ReadGoal[];
  /** 0: nothing of what was asked for had expired. */
  readonly expiredBeforeMs: number;
}

export interface Replay extends NewReplay {
  readonly state: ReplayState;
  readonly changed: ReplayChangeNote;
  readonly isSelected: boolean;
  /** Where the selection goes on; null: at its beginning. */
  readonly cursor: DeliveryPlace | null;
  readonly counts: ReplayCounts;
  /** What it waits for, for a person; empty: nothing. */
  readonly waitsFor: string;
  /** It has ended, and nothing of it is left to be done. */
  readonly isClosed: boolean;
  /** What came of its deliveries, once all have their fate. */
  readonly fates: FateCounts | null;
  /** With the time of its creation its place in the list. */
  readonly place: number;
}

export const NO_FATES: FateCounts = { pending: 0, delivered: 0, exhausted: 0, discarded: 0, skipped: 0 };

/** What the platform does by itself is signed so. */
export const PLATFORM_ACTOR = 'hooklane';

export function catchUpId(hookId: string, epoch: number): string {
  return `${catchUpIdsOf(hookId)}${epoch}`;
}

/** What the ids of all catch-ups of a hook begin with. */
export function catchUpIdsOf(hookId: string): string {
  return `catch-up/${hookId}/`;
}
