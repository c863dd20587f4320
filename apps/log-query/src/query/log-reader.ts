import { limits } from '@hooklane/contracts';
import type { AttemptListQuery, AttemptSummaryPage, AttemptView, DeliveryListQuery, DeliverySummaryPage, DeliveryView, EventListQuery, EventSummaryPage, EventView, MissedView, TimelineEntry } from '@hooklane/contracts/rest';
import { DeliveryOutcome, EventAccepted, HookChanged } from '@hooklane/contracts/topics';
import type { Clock } from '@hooklane/kernel';
import type { ProjectNamed } from '@hooklane/routing';
import type { AttemptQueries, Cursors, DeliveryQueries, EventQueries, HookHistory, Tenants } from '../ports.js';
import { attemptSummary, attemptView } from '../views/attempt-view.js';
import { deliverySummary, fateSentence, parseDeliveryId } from '../views/delivery-view.js';
import { askedList, type AskedList, type ListQuery } from './asked-list.js';
import { eventSummary } from '../views/event-view.js';
import { momentOf, momentOrNull, textOrNull } from '../views/moments.js';
import { explainMissed } from './explain-missed.js';
import { absence, expired, keptFromMs, notFound } from './retention.js';
import type { AttemptRecord, PageWish, StoredDelivery, StoredEvent } from './stored.js';

export interface LogReaderParts {
  readonly events: EventQueries;
  readonly deliveries: DeliveryQueries;
  readonly attempts: AttemptQueries;
  readonly hooks: HookHistory;
  readonly tenants: Tenants;
  readonly projectNamed: ProjectNamed;
  readonly cursors: Cursors;
  readonly clock: Clock;
}

/** An event with its deliveries; its data as the bytes they are, for the transport to show. */
export interface FoundEvent {
  readonly event: EventAccepted;
  readonly view: Omit<EventView, 'data' | 'dataBase64'>;
}

/** What was published and what became of it, for one tenant at a time. Throws AppError `not-found`, `expired`, `invalid-cursor`. */
export class LogReader {
  constructor(private readonly parts: LogReaderParts) {}

  async events(tenantId: string, query: EventListQuery): Promise<EventSummaryPage> {
    const { filter, wish, answer } = this.list('events', tenantId, query);
    return answer(await this.parts.events.page(tenantId, filter, wish), ({ record }) => eventSummary(EventAccepted.decode(record)));
  }

  async event(tenantId: string, eventId: string): Promise<FoundEvent> {
    const stored = await this.storedEvent(tenantId, eventId);
    const event = EventAccepted.decode(stored.record);
    const found = await this.parts.deliveries.ofEvent(tenantId, eventId, event.acceptedAtMs, limits.pageSizeMax + 1);
    const matching = found.length > 0 ? 'matched' : (await this.parts.events.decidedAsUnmatched(tenantId, eventId)) === null ? 'pending' : 'matched-nothing';
    const deliveries = found.slice(0, limits.pageSizeMax).map(deliverySummary);
    return { event, view: { ...eventSummary(event), traceparent: textOrNull(event.traceparent), matching, deliveries, deliveriesCut: found.length > deliveries.length } };
  }

  async deliveries(tenantId: string, query: DeliveryListQuery): Promise<DeliverySummaryPage> {
    const { filter, wish, answer } = this.list('deliveries', tenantId, query);
    return answer(await this.parts.deliveries.page(tenantId, filter, await this.narrowed(tenantId, filter.event, wish)), deliverySummary);
  }

  async delivery(tenantId: string, deliveryId: string): Promise<DeliveryView> {
    const place = parseDeliveryId(deliveryId);
    if (!place) throw notFound('delivery');
    const { requestPartition, requestOffset, hookId } = place;
    const keptFrom = this.keptFrom(tenantId);
    const delivery = await this.parts.deliveries.find(tenantId, requestPartition, requestOffset, hookId);
    if (!delivery) throw await this.absentDelivery(tenantId, place);
    if (delivery.acceptedAtMs < keptFrom) throw expired('delivery');
    const attempts = await this.parts.attempts.ofDelivery(tenantId, requestPartition, requestOffset, hookId);
    return { ...deliverySummary(delivery), timeline: timelineOf(delivery, attempts) };
  }

  async attempts(tenantId: string, query: AttemptListQuery): Promise<AttemptSummaryPage> {
    const { filter, wish, answer } = this.list('attempts', tenantId, query);
    const event = filter.event === undefined ? null : await this.acceptedAt(tenantId, filter.event);
    if (filter.event !== undefined && !event) return answer({ rows: [], next: null }, attemptSummary);
    return answer(await this.parts.attempts.page(tenantId, filter, event, wish), attemptSummary);
  }

  async attempt(tenantId: string, attemptId: string): Promise<AttemptView> {
    const keptFrom = this.keptFrom(tenantId);
    const found = attemptId === '' ? null : await this.parts.attempts.find(tenantId, attemptId);
    if (!found) throw absence('attempt', attemptId, keptFrom, this.parts.clock.nowMs());
    if (found.attempt.atMs < keptFrom) throw expired('attempt');
    const outcome = DeliveryOutcome.decode(found.record);
    if (!outcome.attempt) throw notFound('attempt');
    const event = outcome.attempt.requestBodyIsEventData ? await this.parts.events.find(tenantId, outcome.eventId) : null;
    return attemptView(found.attempt, outcome, outcome.attempt, event && event.key.timeMs >= keptFrom ? EventAccepted.decode(event.record).data : null);
  }

  /** Why did this hook not get this event: the fate of its delivery, or the first condition that the event does not fulfil. */
  async missed(tenantId: string, hookId: string, eventId: string): Promise<MissedView> {
    const event = EventAccepted.decode((await this.storedEvent(tenantId, eventId)).record);
    if (!(await this.parts.hooks.exists(tenantId, hookId))) throw notFound('hook');
    const own = (await this.parts.deliveries.ofEventAndHook(tenantId, eventId, event.acceptedAtMs, hookId)).at(-1);
    const answer = { eventId, hookId, condition: null, hookVersion: null, matchedAt: null, delivery: null };
    if (own) {
      const delivery = deliverySummary(own);
      return { ...answer, verdict: 'requested', sentence: fateSentence(delivery), hookVersion: own.hookVersion, matchedAt: momentOrNull(own.requestedAtMs), delivery };
    }
    const matchedAtMs = await this.matchedAt(tenantId, event);
    if (matchedAtMs === null) return { ...answer, verdict: 'not-matched-yet', sentence: 'The event has not been matched yet.' };
    const versions = await this.parts.hooks.versions(tenantId, hookId, matchedAtMs);
    const explanation = explainMissed(event, versions.map(({ atMs, record }) => ({ atMs, hook: HookChanged.decode(record) })), matchedAtMs, this.parts.projectNamed);
    return { ...answer, ...explanation, matchedAt: momentOf(matchedAtMs) };
  }

  private async matchedAt(tenantId: string, event: EventAccepted): Promise<number | null> {
    const unmatched = await this.parts.events.decidedAsUnmatched(tenantId, event.eventId);
    if (unmatched !== null) return unmatched;
    const others = await this.parts.deliveries.ofEvent(tenantId, event.eventId, event.acceptedAtMs, 1);
    const [first] = others;
    return first ? first.requestedAtMs || first.outcomeAtMs : null;
  }

  private async storedEvent(tenantId: string, eventId: string): Promise<StoredEvent> {
    const keptFrom = this.keptFrom(tenantId);
    const event = await this.parts.events.find(tenantId, eventId);
    if (!event) throw absence('event', eventId, keptFrom, this.parts.clock.nowMs());
    if (event.key.timeMs < keptFrom) throw expired('event');
    return event;
  }

  private async absentDelivery(tenantId: string, place: { readonly requestPartition: number; readonly requestOffset: number; readonly hookId: string }): Promise<Error> {
    // Only of the tenant's own hooks is anything said.
    if (!(await this.parts.hooks.exists(tenantId, place.hookId))) return notFound('delivery');
    return place.requestOffset <= (await this.parts.deliveries.droppedUpTo(place.requestPartition)) ? expired('delivery') : notFound('delivery');
  }

  private async acceptedAt(tenantId: string, eventId: string): Promise<{ readonly acceptedAtMs: number } | null> {
    const event = await this.parts.events.find(tenantId, eventId);
    return event ? { acceptedAtMs: event.key.timeMs } : null;
  }

  /** The deliveries of an event are kept under its acceptance time. */
  private async narrowed(tenantId: string, eventId: string | undefined, wish: PageWish): Promise<PageWish> {
    if (eventId === undefined) return wish;
    const event = await this.acceptedAt(tenantId, eventId);
    const atMs = event?.acceptedAtMs ?? 0;
    return { ...wish, fromMs: Math.max(wish.fromMs, atMs), toMs: Math.min(wish.toMs ?? Number.MAX_SAFE_INTEGER, atMs + 1) };
  }

  private keptFrom(tenantId: string): number {
    return keptFromMs(this.parts.clock.nowMs(), this.parts.tenants.retentionDays(tenantId));
  }

  private list<Query extends ListQuery>(list: string, tenantId: string, query: Query): AskedList<Query> {
    return askedList(this.parts, list, tenantId, query);
  }
}

function timelineOf(delivery: StoredDelivery, attempts: readonly AttemptRecord[]): TimelineEntry[] {
  const blank = { attempt: null, fate: null, reason: null, nextAttemptAt: null };
  const accepted: TimelineEntry = { ...blank, at: momentOf(delivery.acceptedAtMs), what: 'accepted' };
  const requested: TimelineEntry[] = delivery.requestedAtMs > 0 ? [{ ...blank, at: momentOf(delivery.requestedAtMs), what: 'requested' }] : [];
  return [accepted, ...requested, ...attempts.map(timelineEntry)];
}

function timelineEntry({ attempt, record }: AttemptRecord): TimelineEntry {
  const outcome = DeliveryOutcome.decode(record);
  return {
    at: momentOf(attempt.atMs),
    what: outcome.attempt ? 'attempt' : 'decision',
    attempt: outcome.attempt ? attemptSummary(attempt) : null,
    fate: textOrNull(outcome.fate),
    reason: textOrNull(outcome.fateReason),
    nextAttemptAt: momentOrNull(outcome.nextAttemptAtMs),
  };
}
