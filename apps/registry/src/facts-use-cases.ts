import { AppError } from '@hooklane/kernel';
import type { FactsAggregate, FactsCommand, FactsState } from './facts-aggregate.js';
import { pageAnswer, pageRequest, type Page, type PageWish } from './page.js';
import type { Answer, ChangeRequest, Registry } from './ports.js';
import { tenantOf } from './tenant/find-tenant.js';

/** How an aggregate of facts is shown, and under which name its lists go. */
export interface FactsShown<Noun extends string, Facts, View> {
  readonly aggregate: FactsAggregate<Noun, Facts>;
  readonly list: string;
  view(state: FactsState<Facts>, version: number): View;
}

/** The facts, whose they are, and since when. */
export function factsView<Facts>({ tenantId, facts, createdAtMs, updatedAtMs }: FactsState<Facts>, version: number): Facts & FactsFrame {
  return { tenant: tenantId, ...facts, version, createdAt: new Date(createdAtMs).toISOString(), updatedAt: new Date(updatedAtMs).toISOString() };
}

interface FactsFrame {
  readonly tenant: string;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** @throws AppError `not-found` (tenant), `already-exists` when another has what must be unique */
export function createFacts<Noun extends string, Facts, View>(registry: Registry, request: ChangeRequest, shown: FactsShown<Noun, Facts, View>, id: string, facts: Facts): Promise<Answer<View>> {
  return changeFacts(registry, request, shown, id, { kind: 'create', tenantId: request.tenantId, id, facts, atMs: request.meta.atMs });
}

/** @throws AppError `not-found`, `already-exists` when another has what must be unique, `version-mismatch` */
export function updateFacts<Noun extends string, Facts, View>(registry: Registry, request: ChangeRequest, shown: FactsShown<Noun, Facts, View>, id: string, changes: Partial<Facts>): Promise<Answer<View>> {
  return changeFacts(registry, request, shown, id, { kind: 'change', changes, atMs: request.meta.atMs });
}

/** @throws AppError `not-found` (tenant, or the thing itself), `already-exists`, `version-mismatch` */
export async function changeFacts<Noun extends string, Facts, View>(
  registry: Registry,
  request: ChangeRequest,
  shown: FactsShown<Noun, Facts, View>,
  id: string,
  command: FactsCommand<Facts>,
): Promise<Answer<View>> {
  await tenantOf(registry, request.tenantId);
  return registry.changes.execute({
    aggregate: shown.aggregate,
    id,
    request,
    command: () => command,
    answer: ({ state, version, history, appended }) => ({ status: history.length === appended.length ? 201 : 200, version, body: shown.view(state, version) }),
  });
}

/** @throws AppError `not-found`, `version-mismatch` */
export function deleteFacts<Noun extends string, Facts, View>(registry: Registry, request: ChangeRequest, shown: FactsShown<Noun, Facts, View>, id: string): Promise<Answer<null>> {
  return registry.changes.execute({
    aggregate: shown.aggregate,
    id,
    request,
    command: (): FactsCommand<Facts> => ({ kind: 'delete', atMs: request.meta.atMs }),
    answer: () => ({ status: 204, version: null, body: null }),
  });
}

/** @throws AppError `not-found` */
export async function readFacts<Noun extends string, Facts, View>(registry: Registry, tenantId: string, shown: FactsShown<Noun, Facts, View>, id: string): Promise<Answer<View>> {
  const found = await registry.reads.find<FactsState<Facts>>(shown.aggregate, tenantId, id);
  if (!found) throw new AppError('not-found', 'There is no such thing.');
  return { status: 200, version: found.version, body: shown.view(found.state, found.version) };
}

/** @param prefix only ids that begin with it */
export async function listFacts<Noun extends string, Facts, View>(registry: Registry, tenantId: string, shown: FactsShown<Noun, Facts, View>, wish: PageWish, prefix = ''): Promise<Answer<Page<View>>> {
  await tenantOf(registry, tenantId);
  const list = shown.list + prefix;
  const request = pageRequest(list, tenantId, wish);
  const found = await registry.reads.page<FactsState<Facts>>(shown.aggregate, tenantId, { ...request, prefix });
  return { status: 200, version: null, body: pageAnswer(list, tenantId, request, found, ({ state, version }) => shown.view(state, version)) };
}
