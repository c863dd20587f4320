import { limits } from '@hooklane/contracts';
import type { ReplayListQuery, ReplayPage, ReplayPreview, ReplayRequest, ReplayView } from '@hooklane/contracts/rest';
import { Topics } from '@hooklane/contracts/topics';
import type { EventLog } from '@hooklane/event-log';
import { AppError, type Clock, type IdSource } from '@hooklane/kernel';
import type { Cursors, Tenants } from '../ports.js';
import { keptFromMs, notFound } from '../query/retention.js';
import { momentOf, momentOrNull } from '../views/moments.js';
import { replayView } from '../views/replay-view.js';
import { changedState, type ReplayChangeKind } from './change-replay.js';
import type { ReplayBook, Selections } from './replay-ports.js';
import { hooksWanted, type TenantHooks } from './replay-selector.js';
import { NO_FATES, type DeliveryPlace, type FateCounts, type NewReplay, type ReadGoal, type Replay, type ReplaySelection } from './replay.js';

export interface ReplayDeskParts {
  readonly book: ReplayBook;
  readonly selections: Pick<Selections, 'count'>;
  readonly hooks: TenantHooks & { caughtUp(): Promise<void> };
  readonly log: Pick<EventLog, 'bounds'>;
  readonly tenants: Tenants;
  readonly cursors: Cursors;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** There is something to do. */
  wake(): void;
}

/** Counting goes on for so long; then the answer is "at least". */
const PREVIEW_MS = 2_000;
const DEFAULT_FATES = ['exhausted', 'discarded', 'skipped'];
const ALL_FATES = ['delivered', ...DEFAULT_FATES];
const STREAMS = [Topics.eventsAccepted, Topics.deliveriesRequested, Topics.deliveryOutcomes];

/** What people do with replays. Throws AppError `not-found`, `invalid-request`, `invalid-state`, `invalid-cursor`. */
export class ReplayDesk {
  constructor(private readonly parts: ReplayDeskParts) {}

  async create(tenantId: string, actor: string, request: ReplayRequest): Promise<ReplayView> {
    const { book, clock, ids, wake } = this.parts;
    const selection = await this.selectionOf(tenantId, request);
    const replay: NewReplay = {
      replayId: ids.next('rpl'),
      tenantId,
      kind: 'replay',
      created: { atMs: clock.nowMs(), by: actor, reason: request.reason ?? '' },
      selection: this.kept(tenantId, selection),
      catchUp: null,
      ratePerSecond: request.ratePerSecond ?? null,
      goals: await this.goals(),
      expiredBeforeMs: this.expiredBefore(tenantId, selection),
    };
    await book.create(replay);
    wake();
    return replayView(begun(replay), NO_FATES);
  }

  /** Counts for a moment; what is selected later may be more, or less where something has arrived meanwhile. */
  async preview(tenantId: string, request: ReplayRequest): Promise<ReplayPreview> {
    const { clock, selections, hooks } = this.parts;
    const selection = await this.selectionOf(tenantId, request);
    const wish = { tenantId, selection: this.kept(tenantId, selection), hookIds: hooksWanted(hooks, tenantId, selection), catchUp: null };
    const until = clock.monotonicMs() + PREVIEW_MS;
    let count = 0;
    let after: DeliveryPlace | null = null;
    do {
      const step: { readonly found: number; readonly next: DeliveryPlace | null } = await selections.count(wish, after);
      count += step.found;
      after = step.next;
    } while (after !== null && clock.monotonicMs() < until);
    return { count, atLeast: after !== null, from: momentOf(selection.fromMs), to: momentOf(selection.toMs), expiredBefore: momentOrNull(this.expiredBefore(tenantId, selection)) };
  }

  async list(tenantId: string, { cursor, limit = limits.pageSize, ...filter }: ReplayListQuery): Promise<ReplayPage> {
    const { book, cursors } = this.parts;
    const scope = JSON.stringify(['replays', tenantId, filter]);
    const { replays, next } = await book.page(tenantId, filter, limit, cursor === undefined ? null : cursors.open(scope, cursor));
    const fates = await this.fatesOf(replays);
    return { items: replays.map((replay) => replayView(replay, fates(replay))), next: next && cursors.seal(scope, next) };
  }

  async inspect(tenantId: string, replayId: string): Promise<ReplayView> {
    const replay = await this.find(tenantId, replayId);
    return replayView(replay, (await this.fatesOf([replay]))(replay));
  }

  async change(tenantId: string, actor: string, replayId: string, change: ReplayChangeKind, reason: string): Promise<ReplayView> {
    const { book, clock, wake } = this.parts;
    const replay = await this.find(tenantId, replayId);
    const state = changedState(replay, change);
    if (state !== null && !(await book.change(replayId, [replay.state], state, { atMs: clock.nowMs(), by: actor, reason }))) return this.change(tenantId, actor, replayId, change, reason);
    wake();
    return this.inspect(tenantId, replayId);
  }

  private async find(tenantId: string, replayId: string): Promise<Replay> {
    const replay = await this.parts.book.find(tenantId, replayId);
    if (!replay) throw notFound('replay');
    return replay;
  }

  private async fatesOf(replays: readonly Replay[]): Promise<(replay: Replay) => FateCounts> {
    const counted = await this.parts.book.fates(replays.filter(({ fates }) => fates === null));
    return ({ replayId, fates }) => fates ?? counted.get(replayId) ?? NO_FATES;
  }

  private async selectionOf(tenantId: string, request: ReplayRequest): Promise<ReplaySelection> {
    const { hooks, clock } = this.parts;
    const fromMs = Date.parse(request.from);
    const toMs = request.to === undefined ? clock.nowMs() : Date.parse(request.to);
    if (fromMs >= toMs) throw invalid('/from', 'Must be earlier than now.');
    if (request.hookIds !== undefined) {
      await hooks.caughtUp();
      const present = new Set(hooks.hooksOf(tenantId).map(({ hookId }) => hookId));
      const unknown = request.hookIds.findIndex((hookId) => !present.has(hookId));
      if (unknown >= 0) throw invalid(`/hookIds/${unknown}`, 'The tenant has no such hook.');
    }
    const fates = request.fates === undefined ? DEFAULT_FATES : request.fates.includes('all') ? ALL_FATES : [...new Set(request.fates)];
    return { hookIds: request.hookIds ?? null, fromMs, toMs, types: request.types ?? null, projects: request.projects ?? null, fates, onlyLatest: request.onlyLatest ?? true };
  }

  /** Nothing older than the tenant's retention, whether it was removed already or not. */
  private kept(tenantId: string, selection: ReplaySelection): ReplaySelection {
    const expiredBeforeMs = this.expiredBefore(tenantId, selection);
    return expiredBeforeMs === 0 ? selection : { ...selection, fromMs: expiredBeforeMs };
  }

  private expiredBefore(tenantId: string, { fromMs }: ReplaySelection): number {
    const { clock, tenants } = this.parts;
    const keptFrom = Math.ceil(keptFromMs(clock.nowMs(), tenants.retentionDays(tenantId)));
    return fromMs < keptFrom ? keptFrom : 0;
  }

  /** What was published and delivered before the request belongs to it, whether log-query has read it or not. */
  private async goals(): Promise<readonly ReadGoal[]> {
    const bounds = await Promise.all(STREAMS.map(async (topic) => (await this.parts.log.bounds(topic)).map(({ next }, partition) => ({ topic, partition, next }))));
    return bounds.flat().filter(({ next }) => next > 0);
  }
}

/** As it is when it is made. */
function begun(replay: NewReplay): Replay {
  const counts = { selected: 0, produced: 0, expired: 0, alreadyPending: 0 };
  return { ...replay, state: 'selecting', changed: { ...replay.created, reason: '' }, isSelected: false, cursor: null, counts, waitsFor: '', isClosed: false, fates: null, place: 0 };
}

function invalid(pointer: string, message: string): AppError {
  return new AppError('invalid-request', `${pointer}: ${message}`, { details: { errors: [{ pointer, message }] } });
}
