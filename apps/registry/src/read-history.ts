import type { HistoryEntry } from '@hooklane/contracts/rest';
import type { DomainEvent } from '@hooklane/event-sourcing';
import { AppError } from '@hooklane/kernel';
import { historyEntries, stateAt, type HistoryShown } from './history.js';
import { pageAnswer, pageRequest, type Page, type PageWish } from './page.js';
import type { Aggregate, AggregateState, Answer, Registry } from './ports.js';

/** One aggregate, by its kind and its id within the tenant. */
export interface Whose<State extends AggregateState, Event extends DomainEvent> {
  readonly aggregate: Pick<Aggregate<State, never, Event>, 'kind' | 'initial' | 'evolve'>;
  readonly tenantId: string;
  readonly id: string;
}

/** Also of a deleted one. @throws AppError `not-found` where there never was one */
export async function readHistory<State extends AggregateState, Event extends DomainEvent>(
  registry: Pick<Registry, 'reads'>,
  { aggregate, tenantId, id }: Whose<State, Event>,
  shown: HistoryShown<State, Event>,
  wish: PageWish,
): Promise<Answer<Page<HistoryEntry>>> {
  const history = await registry.reads.history<Event>(aggregate.kind, tenantId, id);
  if (history.length === 0) throw noSuchThing();
  const list = `history/${aggregate.kind}/${id}`;
  const request = pageRequest(list, tenantId, wish);
  const after = Number(request.after ?? 0);
  const entries = historyEntries(aggregate, shown, history).slice(after, after + request.limit);
  const page = pageAnswer(list, tenantId, request, entries.map((entry, index) => ({ id: String(after + index + 1), entry })), ({ entry }) => entry);
  return { status: 200, version: null, body: page };
}

/** @throws AppError `not-found` where there was no such thing at that time */
export async function readAt<State extends AggregateState, Event extends DomainEvent, View>(
  registry: Pick<Registry, 'reads'>,
  { aggregate, tenantId, id }: Whose<State, Event>,
  view: (state: State, version: number) => View,
  atMs: number,
): Promise<Answer<View>> {
  const then = stateAt(aggregate, await registry.reads.history<Event>(aggregate.kind, tenantId, id), atMs);
  if (!then || then.state.status !== 'live') throw noSuchThing();
  return { status: 200, version: then.version, body: view(then.state, then.version) };
}

const noSuchThing = (): AppError => new AppError('not-found', 'There is no such thing, or was none at that time.', { publicMessage: 'There is no such thing.' });
