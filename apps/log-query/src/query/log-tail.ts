import type { AttemptSummary, EventSummary, TailQuery } from '@hooklane/contracts/rest';
import { DeliveryOutcome, EventAccepted } from '@hooklane/contracts/topics';
import { AppError, type Clock } from '@hooklane/kernel';
import type { Cursors, Head, TailLook, TailQueries, Tenants } from '../ports.js';
import { attemptSummary } from '../views/attempt-view.js';
import { eventSummary } from '../views/event-view.js';
import { momentOf, textOrNull } from '../views/moments.js';
import { expired, keptFromMs } from './retention.js';
import type { AttemptRecord } from './stored.js';

export interface Decision {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly hookId: string;
  readonly type: string;
  readonly project: string | null;
  readonly at: string;
  readonly fate: string;
  readonly reason: string;
}

export type TailItem = { readonly kind: 'event'; readonly event: EventSummary } | { readonly kind: 'attempt'; readonly attempt: AttemptSummary } | { readonly kind: 'decision'; readonly decision: Decision };

/** What a follower gets: an item, or only the place up to which nothing passed its filters. */
export interface TailStep {
  readonly cursor: string;
  readonly item: TailItem | null;
}

export interface LogTailParts {
  readonly queries: TailQueries;
  readonly head: Head;
  readonly cursors: Cursors;
  readonly tenants: Tenants;
  readonly clock: Clock;
}

/** What is being written again after a rebuild has its numbers already; it is looked for again so often. */
const REBUILD_MS = 1_000;
/** A quiet follower gets its place this often, so that it resumes near the end and its proxies see that it lives. */
const QUIET_MS = 15_000;

/**
 * What is written to a tenant's log, in the order of its first writing. Records get their numbers under a lock that is held until the commit,
 * so what is numbered up to the head has been committed and nothing can appear below it later (ADR 0002); a rebuild leaves them their numbers (ADR 0003).
 */
export class LogTail {
  constructor(private readonly parts: LogTailParts) {}

  /**
   * @param after cursor of the last step that was seen; undefined: what is written from now on
   * @param mayGoOn whether the follower may still read; asked after it is known how far a look goes, so nothing written later slips through
   * @throws AppError `invalid-cursor`, `expired`; while it goes on `unauthenticated`
   */
  start(tenantId: string, query: TailQuery, after: string | undefined, signal: AbortSignal, mayGoOn: () => Promise<boolean>): AsyncGenerator<TailStep> {
    const place = after === undefined ? null : this.open(tenantId, after);
    return this.follow(tenantId, query, place, signal, mayGoOn);
  }

  private async *follow(tenantId: string, query: TailQuery, place: number | null, signal: AbortSignal, mayGoOn: () => Promise<boolean>): AsyncGenerator<TailStep> {
    const { queries, head } = this.parts;
    let seen = place ?? (await head.now());
    // At once: a follower that breaks off before its first item can resume from where it began.
    yield this.step(tenantId, seen, null);
    while (!signal.aborted) {
      const newest = await head.beyond(seen, QUIET_MS, signal);
      if (!(await mayGoOn())) throw new AppError('unauthenticated', 'The API key is not valid any more.');
      if (newest === null) {
        if (!signal.aborted) yield this.step(tenantId, seen, null);
        continue;
      }
      const look = await queries.look(tenantId, seen, newest);
      for (const { seq, item } of merged(look)) {
        if (passes(item, query)) yield this.step(tenantId, seq, item);
      }
      if (look.upTo === seen) await head.beyond(newest, REBUILD_MS, signal);
      seen = look.upTo;
    }
  }

  private step(tenantId: string, seq: number, item: TailItem | null): TailStep {
    return { cursor: this.parts.cursors.seal(scopeOf(tenantId), { timeMs: this.parts.clock.nowMs(), offset: seq, partition: 0, hookId: '' }), item };
  }

  private open(tenantId: string, cursor: string): number {
    const { timeMs, offset: seq } = this.parts.cursors.open(scopeOf(tenantId), cursor);
    if (timeMs < keptFromMs(this.parts.clock.nowMs(), this.parts.tenants.retentionDays(tenantId))) throw expired('part of the log behind this cursor');
    return seq;
  }
}

const scopeOf = (tenantId: string): string => JSON.stringify(['tail', tenantId]);

function merged({ events, outcomes }: TailLook): readonly { readonly seq: number; readonly item: TailItem }[] {
  const items = [
    ...events.map(({ seq, event }) => ({ seq, item: { kind: 'event' as const, event: eventSummary(EventAccepted.decode(event.record)) } })),
    ...outcomes.map(({ seq, outcome }) => ({ seq, item: outcomeItem(outcome) })),
  ];
  return items.sort((a, b) => a.seq - b.seq);
}

function outcomeItem({ attempt, record }: AttemptRecord): TailItem {
  if (attempt.attemptId !== '') return { kind: 'attempt', attempt: attemptSummary(attempt) };
  const outcome = DeliveryOutcome.decode(record);
  return { kind: 'decision', decision: { deliveryId: outcome.deliveryId, eventId: outcome.eventId, hookId: outcome.hookId, type: attempt.type, project: textOrNull(attempt.project), at: momentOf(outcome.atMs), fate: outcome.fate, reason: outcome.fateReason } };
}

function passes(item: TailItem, query: TailQuery): boolean {
  if (query.kind !== undefined && item.kind !== query.kind) return false;
  if (query.hook !== undefined && hookOf(item) !== query.hook) return false;
  if (query.class !== undefined && (item.kind !== 'attempt' || item.attempt.class !== query.class)) return false;
  const about = item.kind === 'event' ? item.event : item.kind === 'attempt' ? item.attempt : item.decision;
  if (query.type !== undefined && about.type !== query.type) return false;
  return query.project === undefined || about.project === query.project;
}

function hookOf(item: TailItem): string | null {
  return item.kind === 'event' ? null : item.kind === 'attempt' ? item.attempt.hookId : item.decision.hookId;
}
