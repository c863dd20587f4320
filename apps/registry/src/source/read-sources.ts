import type { SourceView } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import { pageAnswer, pageRequest, type Page, type PageWish } from '../page.js';
import type { Answer, Registry } from '../ports.js';
import { readAt } from '../read-history.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { sourceView } from './source-view.js';
import { sourceAggregate, type SourceEvent, type SourceState } from './source.decider.js';

/** @param base see `sourceView`. @throws AppError `not-found` */
export async function readSource(registry: Registry, tenantId: string, sourceId: string, base: string): Promise<Answer<SourceView>> {
  const source = await registry.reads.find<SourceState>(sourceAggregate, tenantId, sourceId);
  if (!source) throw new AppError('not-found', 'There is no such source.');
  return { status: 200, version: source.version, body: sourceView(source.state, source.version, base) };
}

/** @throws AppError `not-found` where there was none then */
export function readSourceAt(registry: Registry, tenantId: string, sourceId: string, atMs: number, base: string): Promise<Answer<SourceView>> {
  return readAt<SourceState, SourceEvent, SourceView>(registry, { aggregate: sourceAggregate, tenantId, id: sourceId }, (state, version) => sourceView(state, version, base), atMs);
}

/** In the order of their ids, which is that of their creation. */
export async function listSources(registry: Registry, tenantId: string, wish: PageWish, base: string): Promise<Answer<Page<SourceView>>> {
  await tenantOf(registry, tenantId);
  const request = pageRequest('sources', tenantId, wish);
  const sources = await registry.reads.page<SourceState>(sourceAggregate, tenantId, request);
  return { status: 200, version: null, body: pageAnswer('sources', tenantId, request, sources, ({ state, version }) => sourceView(state, version, base)) };
}
