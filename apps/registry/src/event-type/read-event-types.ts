import type { EventTypeView } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import { pageAnswer, pageRequest, type Page, type PageWish } from '../page.js';
import type { Answer, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { eventTypeView } from './event-type-view.js';
import { eventTypeAggregate, type EventTypeState } from './event-type.decider.js';

/** @throws AppError `not-found` */
export async function readEventType(registry: Registry, tenantId: string, name: string): Promise<Answer<EventTypeView>> {
  const type = await registry.reads.find<EventTypeState>(eventTypeAggregate, tenantId, name);
  if (!type) throw new AppError('not-found', 'There is no such event type.');
  return { status: 200, version: type.version, body: eventTypeView(type.state, type.version) };
}

/** By name. */
export async function listEventTypes(registry: Registry, tenantId: string, wish: PageWish): Promise<Answer<Page<EventTypeView>>> {
  await tenantOf(registry, tenantId);
  const request = pageRequest('event-types', tenantId, wish);
  const types = await registry.reads.page<EventTypeState>(eventTypeAggregate, tenantId, request);
  return { status: 200, version: null, body: pageAnswer('event-types', tenantId, request, types, ({ state, version }) => eventTypeView(state, version)) };
}
