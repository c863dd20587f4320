import type { DeliveryOutcome } from '@hooklane/contracts/topics';
import { healthInEpoch } from '../attempt/decide-attempt.js';
import { chargedFailures, initialHealth, isHealthy, type LaneHealth, type LaneHold } from '../attempt/lane-health.js';
import type { AnswerElsewhere, BusyElsewhere } from './busy-elsewhere.js';
import type { Lane } from './lane.js';
import type { LaneOrders } from './lane-orders.js';

/** What a lane row holds, as JSON. */
export interface LaneRowState {
  readonly health: LaneHealth;
  /** Number of the newest outcome that the health knows of. */
  readonly ownerEpoch: number;
  readonly ownerSequence: number;
  /** The owner before let go while it had requests in flight. */
  readonly busy?: BusyElsewhere | undefined;
  /** Not in rows of lanes that send one request at a time. */
  readonly width?: number;
  readonly announced?: readonly number[];
  readonly orders?: LaneOrders;
}

/** Leaves out what says nothing. */
export function rowStateOf(
  health: LaneHealth,
  owner: { readonly epoch: number; readonly sequence: number },
  { width, announced, orders }: Pick<Lane, 'width' | 'announced' | 'orders'>,
  busy: BusyElsewhere | undefined,
): LaneRowState {
  return {
    health,
    ownerEpoch: owner.epoch,
    ownerSequence: owner.sequence,
    ...(busy === undefined ? {} : { busy }),
    ...(width > 0 ? { width } : {}),
    ...(announced.length > 0 ? { announced } : {}),
    ...(orders === null ? {} : { orders }),
  };
}

/** What else the row of a lane says, whatever the outcomes say of its health. Commands and widths are in no outcome. */
export function restoreRest(lane: Lane, row: LaneRowState): void {
  lane.width = row.width ?? 0;
  lane.orders = row.orders ?? null;
  lane.durableCatchUp = row.orders?.catchUp?.epoch ?? 0;
  lane.suspects = Math.max(1, row.width ?? 0, row.announced?.length ?? 0);
}

/**
 * Requests that were announced together and have no result: each counts as failed (promise 5). Where a success has ended the failures since, `suspects` says how many there may have been.
 * @returns the health with them charged
 */
export function chargeAnnounced(health: LaneHealth | null, row: LaneRowState, { attempt }: NewestOutcomes, isUnsettled: (offset: number) => boolean): LaneHealth | null {
  const unknown = (row.announced ?? []).filter((offset) => isUnsettled(offset)).length;
  const isOver = isNewest(attempt, row) && (health === null || chargedFailures(health) === 0);
  if (unknown === 0 || isOver) return health;
  const charged = health ?? initialHealth(row.health.enabledEpoch);
  return { ...charged, streak: charged.streak + unknown };
}

/** Of a hook: of all its deliveries' outcomes, and of those that an attempt came to. */
export interface NewestOutcomes {
  readonly latest: DeliveryOutcome | undefined;
  readonly attempt: DeliveryOutcome | undefined;
}

/** What the outcomes of a partition, read from `outcomesFrom` to their end, say to a new owner. */
export class OutcomeHistory {
  /** `<request offset>/<hook id>` of everything that has its fate. */
  readonly settled = new Set<string>();
  /** The newest outcome of an event's delivery, by hook. */
  readonly latest = new Map<string, DeliveryOutcome>();
  private readonly attempts = new Map<string, DeliveryOutcome>();
  /** Published by owners after they had let go, by hook, in the order of the log. */
  readonly answers = new Map<string, AnswerElsewhere[]>();
  highestEpoch = 0;

  add(outcome: DeliveryOutcome): void {
    this.highestEpoch = Math.max(this.highestEpoch, outcome.ownerEpoch);
    if (outcome.deliveryId === '' || outcome.fate === '') return;
    const known = this.latest.get(outcome.hookId);
    const isNewest = !known || isNewer(outcome, known);
    const key = settledKey(outcome.requestOffset, outcome.hookId);
    const other = known?.requestOffset === outcome.requestOffset && known.ownerEpoch !== outcome.ownerEpoch ? known : null;
    // A fate that an owner published after the next one had taken its request for failed, and went on with it, is none: everybody else goes by the newer one, too.
    if (outcome.fate !== 'pending' && !(other?.fate === 'pending' && !isNewest)) this.settled.add(key);
    if (outcome.fate === 'pending' && other && isNewest) this.settled.delete(key);
    if (isNewest) this.latest.set(outcome.hookId, outcome);
    const attempt = this.attempts.get(outcome.hookId);
    if (outcome.attempt && (!attempt || isNewer(outcome, attempt))) this.attempts.set(outcome.hookId, outcome);
  }

  newest(hookId: string): NewestOutcomes {
    return { latest: this.latest.get(hookId), attempt: this.attempts.get(hookId) };
  }

  /** @param offset of its record @param after what its header says */
  addAnswer(outcome: DeliveryOutcome, offset: number, after: string): void {
    const answers = this.answers.get(outcome.hookId) ?? [];
    this.answers.set(outcome.hookId, answers);
    answers.push({ outcome, offset, after: JSON.parse(after) as AnswerElsewhere['after'] });
  }

  /** Which of the settled deliveries may still be parked. */
  settledAmong(partition: number, parked: readonly { readonly hookId: string; readonly lowest: number; readonly highest: number }[]): { partition: number; offset: number; hookId: string }[] {
    const ranges = new Map(parked.map((range) => [range.hookId, range]));
    const among: { partition: number; offset: number; hookId: string }[] = [];
    for (const key of this.settled) {
      const at = key.indexOf('/');
      const offset = Number(key.slice(0, at));
      const range = ranges.get(key.slice(at + 1));
      if (range && offset >= range.lowest && offset <= range.highest) among.push({ partition, offset, hookId: range.hookId });
    }
    return among;
  }

  settle(offset: number, hookId: string): void {
    this.settled.add(settledKey(offset, hookId));
  }

  isSettled(offset: number, hookId: string): boolean {
    return this.settled.has(settledKey(offset, hookId));
  }

  /** Whether this outcome, or a newer one of its hook, was published. */
  has(outcome: DeliveryOutcome): boolean {
    const latest = this.latest.get(outcome.hookId);
    return latest !== undefined && !isNewer(outcome, latest);
  }
}

/**
 * A lane's health as its new owner takes it over: the row, overruled by any attempt that is newer (a failed-over database may have forgotten some).
 * An outcome without an attempt is newer news of the streak and of nothing else: what the row announced may be under way all the same.
 * @param isUnsettled whether the delivery that the row's head names still waits
 * @param isClean the last owner let go in order: what it announced and did not send was not sent
 * @param countsTotal the hook's failures count since enabling: a success does not reset them
 */
export function restoreHealth(row: LaneRowState | null, { latest, attempt }: NewestOutcomes, isUnsettled: (offset: number) => boolean, isClean: boolean, countsTotal: boolean): LaneHealth | null {
  if (row === null) return latest ? fromOutcome(latest, null, countsTotal) : null;
  const decided = isNewest(latest, row) && latest !== attempt ? latest : undefined;
  const { health, unknown } = isNewest(attempt, row) ? { health: fromOutcome(attempt, row.health, countsTotal), unknown: 0 } : fromRow(row, isUnsettled, isClean, countsTotal || decided !== undefined);
  const known = decided ? withDecision(health ?? initialHealth(row.health.enabledEpoch), decided) : health;
  if (known === null) return null;
  // Started without a result counts as failed (promise 5), in the epoch in which it was announced.
  if (known.enabledEpoch === row.health.enabledEpoch) known.streak += unknown;
  return isHealthy(known) ? null : known;
}

function fromRow(row: LaneRowState, isUnsettled: (offset: number) => boolean, isClean: boolean, keepsCount: boolean): { health: LaneHealth | null; unknown: number } {
  const health = structuredClone(row.health);
  const { head } = health;
  if (head && isClean) head.started = head.attempts;
  const unknown = head ? head.started - head.attempts : 0;
  if (head && !isUnsettled(head.offset)) {
    // Announced, no attempt among the outcomes we read, and settled: only a success goes without a row (a failure's is written before its outcome).
    if (unknown > 0) return { health: keepsCount ? { ...initialHealth(health.enabledEpoch), streak: health.streak, ...brokenOffOf(health) } : null, unknown: 0 };
    health.head = null;
    return { health, unknown: 0 };
  }
  if (head) head.attempts = head.started;
  return { health, unknown };
}

/** As the lane was when it decided something that was no attempt: an enabling, a charge, a verdict may not have come to its row. */
function withDecision(before: LaneHealth, { enabledEpoch, streak, verdict, hookVersion }: DeliveryOutcome): LaneHealth {
  const health = healthInEpoch(before, enabledEpoch);
  return { ...health, ...(enabledEpoch === health.enabledEpoch ? { streak } : {}), ...(verdict ? { held: holdOf(verdict, hookVersion) } : {}) };
}

/** Less than the row knew (the schedule begins anew), but the streak is right. */
function fromOutcome(outcome: DeliveryOutcome, row: LaneHealth | null, countsTotal: boolean): LaneHealth | null {
  const health = initialHealth(outcome.enabledEpoch);
  // What was broken off stands in no outcome. A success ends it, unless failures count in total.
  if (row?.enabledEpoch === outcome.enabledEpoch && (countsTotal || outcome.fate !== 'delivered')) Object.assign(health, brokenOffOf(row));
  health.streak = outcome.streak;
  if (outcome.fate === 'pending' && outcome.attempt) {
    const { number, startedAtMs, errorCode } = outcome.attempt;
    health.head = { offset: outcome.requestOffset, attempts: number, started: number, firstAttemptAtMs: startedAtMs, rejectedStep: 0, interrupted: 0 };
    health.nextAttemptAtMs = outcome.nextAttemptAtMs;
    health.lastErrorCode = errorCode;
    health.unavailableStep = 1;
  }
  if (outcome.verdict) health.held = holdOf(outcome.verdict, outcome.hookVersion);
  return isHealthy(health) ? null : health;
}

function holdOf({ reason, policyVersion }: NonNullable<DeliveryOutcome['verdict']>, hookVersion: number): LaneHold {
  return { reason: reason === 'gone' ? 'gone' : 'failure-limit', hookVersion, policyVersion, verdictAtMs: 0 };
}

function brokenOffOf({ brokenOff }: LaneHealth): Pick<LaneHealth, 'brokenOff'> {
  return brokenOff ? { brokenOff } : {};
}

function isNewest(latest: DeliveryOutcome | undefined, row: LaneRowState): latest is DeliveryOutcome {
  return latest !== undefined && isNewer(latest, row);
}

interface Numbered {
  readonly ownerEpoch: number;
  readonly ownerSequence: number;
}

function isNewer(a: Numbered, b: Numbered): boolean {
  return a.ownerEpoch > b.ownerEpoch || (a.ownerEpoch === b.ownerEpoch && a.ownerSequence > b.ownerSequence);
}

function settledKey(offset: number, hookId: string): string {
  return `${offset}/${hookId}`;
}
