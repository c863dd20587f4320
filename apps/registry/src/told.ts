import { apiKeyAggregate, type ApiKeyEvent, type ApiKeyState } from './api-key/api-key.decider.js';
import { apiKeyView } from './api-key/api-key-view.js';
import { eventTypeAggregate, type EventTypeEvent, type EventTypeState } from './event-type/event-type.decider.js';
import { eventTypeView } from './event-type/event-type-view.js';
import type { FactsEvent, FactsState } from './facts-aggregate.js';
import type { FactsShown } from './facts-use-cases.js';
import { memberships } from './membership/memberships.js';
import type { PageWish } from './page.js';
import type { Answer, Registry } from './ports.js';
import { projects } from './project/projects.js';
import { readAt, readHistory } from './read-history.js';
import { sourceAggregate, type SourceEvent, type SourceState } from './source/source.decider.js';
import { sourceHistory, sourceSnapshot } from './source/source-view.js';
import { tenantAggregate, type TenantEvent, type TenantState } from './tenant/tenant.decider.js';
import { tenantView } from './tenant/tenant-view.js';
import { users } from './user/users.js';

/** What can be told of the past of one kind of thing. */
export interface Told {
  /** @throws AppError `not-found`, `invalid-cursor` */
  history(registry: Registry, tenantId: string, id: string, wish: PageWish): Promise<Answer<unknown>>;
  /** @throws AppError `not-found` */
  at(registry: Registry, tenantId: string, id: string, atMs: number): Promise<Answer<object>>;
}

/** Promise 7: every change is an event, and any past state can be read. Hooks have more to tell (`hook/hook-history.ts`). */
export const told = {
  tenant: {
    history: (registry, tenantId, id, wish) => readHistory<TenantState, TenantEvent>(registry, { aggregate: tenantAggregate, tenantId, id }, { view: (state) => tenantView(state, 0) }, wish),
    at: (registry, tenantId, id, atMs) => readAt<TenantState, TenantEvent, object>(registry, { aggregate: tenantAggregate, tenantId, id }, tenantView, atMs),
  },
  'api-key': {
    history: (registry, tenantId, id, wish) => readHistory<ApiKeyState, ApiKeyEvent>(registry, { aggregate: apiKeyAggregate, tenantId, id }, { view: (state) => apiKeyView(state, 0, undefined) }, wish),
    at: (registry, tenantId, id, atMs) => readAt<ApiKeyState, ApiKeyEvent, object>(registry, { aggregate: apiKeyAggregate, tenantId, id }, (state, version) => apiKeyView(state, version, undefined), atMs),
  },
  'event-type': {
    history: (registry, tenantId, id, wish) => readHistory<EventTypeState, EventTypeEvent>(registry, { aggregate: eventTypeAggregate, tenantId, id }, { view: (state) => eventTypeView(state, 0) }, wish),
    at: (registry, tenantId, id, atMs) => readAt<EventTypeState, EventTypeEvent, object>(registry, { aggregate: eventTypeAggregate, tenantId, id }, eventTypeView, atMs),
  },
  project: toldFacts(projects),
  membership: toldFacts(memberships),
  user: toldFacts(users),
  source: {
    history: (registry, tenantId, id, wish) => readHistory<SourceState, SourceEvent>(registry, { aggregate: sourceAggregate, tenantId, id }, sourceHistory, wish),
    at: (registry, tenantId, id, atMs) => readAt<SourceState, SourceEvent, object>(registry, { aggregate: sourceAggregate, tenantId, id }, sourceSnapshot, atMs),
  },
} satisfies Record<string, Told>;

function toldFacts<Noun extends string, Facts, View extends object>({ aggregate, view }: FactsShown<Noun, Facts, View>): Told {
  return {
    history: (registry, tenantId, id, wish) => readHistory<FactsState<Facts>, FactsEvent<Noun, Facts>>(registry, { aggregate, tenantId, id }, { view: (state) => view(state, 0) }, wish),
    at: (registry, tenantId, id, atMs) => readAt<FactsState<Facts>, FactsEvent<Noun, Facts>, object>(registry, { aggregate, tenantId, id }, view, atMs),
  };
}
