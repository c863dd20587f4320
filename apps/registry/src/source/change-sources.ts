import type { SourceCreate, SourcePatch, SourceView } from '@hooklane/contracts/rest';
import { inboundKindOf, type InboundKind } from '@hooklane/dialects';
import { AppError } from '@hooklane/kernel';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { userAggregate } from '../user/users.js';
import { defaultConfig, patchedConfig } from './source-draft.js';
import { assertSourceWorks, invalidSource } from './source-rules.js';
import { sourceView } from './source-view.js';
import { sourceAggregate, type SourceCommand, type SourceState } from './source.decider.js';

/** Every call to the shared address costs an HMAC for each of its handlers, whoever makes it. */
export const SOURCES_MAX = 100;

/** @param base see `sourceView`. @throws AppError `not-found` (tenant), `invalid-source`, `invalid-state` for one too many */
export async function createSource(registry: Registry, request: ChangeRequest, body: SourceCreate, base: string): Promise<Answer<SourceView>> {
  const { tenantId, meta } = request;
  await tenantOf(registry, tenantId);
  const kind = kindOf(body.kind);
  const config = patchedConfig(defaultConfig(kind), body, kind);
  assertSourceWorks(kind, config, body.secret);
  await assertUser(registry, tenantId, config.user);
  const present = await registry.reads.page<SourceState>(sourceAggregate, tenantId, { after: null, limit: SOURCES_MAX });
  if (present.length === SOURCES_MAX) throw new AppError('invalid-state', `A tenant has at most ${SOURCES_MAX} sources.`);
  const sourceId = registry.ids.next('src');
  const sealedSecret = registry.sealer.seal(body.secret, secretContext(tenantId, sourceId));
  return registry.changes.execute({
    aggregate: sourceAggregate,
    id: sourceId,
    request,
    command: (): SourceCommand => ({ kind: 'create', source: { tenantId, sourceId, kind: kind.name, config, sealedSecret, atMs: meta.atMs } }),
    answer: ({ state, version }) => ({ status: 201, version, body: sourceView(state, version, base) }),
  });
}

/** A JSON merge patch. The kind stays: another one is another source. @throws AppError `not-found`, `version-mismatch`, `invalid-source` */
export async function updateSource(registry: Registry, request: ChangeRequest, sourceId: string, patch: SourcePatch, base: string): Promise<Answer<SourceView>> {
  await tenantOf(registry, request.tenantId);
  if (patch.user !== undefined) await assertUser(registry, request.tenantId, patch.user);
  const command = (state: SourceState): SourceCommand => {
    if (state.status !== 'live') throw new AppError('not-found', 'There is no such source.');
    const kind = kindOf(state.kind);
    const context = secretContext(state.tenantId, sourceId);
    const config = patchedConfig(state.config, patch, kind);
    const secret = patch.secret === undefined || patch.secret === registry.sealer.open(state.sealedSecret, context) ? null : patch.secret;
    assertSourceWorks(kind, config, secret);
    return { kind: 'configure', config, sealedSecret: secret === null ? null : registry.sealer.seal(secret, context), atMs: request.meta.atMs };
  };
  return registry.changes.execute({
    aggregate: sourceAggregate,
    id: sourceId,
    request,
    command,
    answer: ({ state, version }) => ({ status: 200, version, body: sourceView(state, version, base) }),
  });
}

/** Its calls are refused from then on. @throws AppError `not-found`, `version-mismatch` */
export function deleteSource(registry: Registry, request: ChangeRequest, sourceId: string): Promise<Answer<null>> {
  return registry.changes.execute({
    aggregate: sourceAggregate,
    id: sourceId,
    request,
    command: (): SourceCommand => ({ kind: 'delete', atMs: request.meta.atMs }),
    answer: () => ({ status: 204, version: null, body: null }),
  });
}

/** event-ingest opens it by the same. */
const secretContext = (tenantId: string, sourceId: string): string => `source/${tenantId}/${sourceId}`;

async function assertUser(registry: Registry, tenantId: string, user: string): Promise<void> {
  if (await registry.reads.find(userAggregate, tenantId, user)) return;
  throw invalidSource([{ pointer: '/user', message: 'The tenant has no user with this id.' }]);
}

function kindOf(name: string): InboundKind {
  const kind = inboundKindOf(name);
  if (!kind) throw invalidSource([{ pointer: '/kind', message: 'There is no such kind of source.' }]);
  return kind;
}
