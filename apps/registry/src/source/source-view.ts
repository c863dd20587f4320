import type { SourceView } from '@hooklane/contracts/rest';
import type { CatalogChanged } from '@hooklane/contracts/topics';
import { inboundKindOf, MASK } from '@hooklane/dialects';
import type { HistoryShown } from '../history.js';
import type { SourceEvent, SourceState } from './source.decider.js';

/** Without its address, which depends on who asks. */
export type SourceSnapshot = Omit<SourceView, 'url'>;

export function sourceSnapshot({ tenantId, sourceId, kind, config, createdAtMs, updatedAtMs }: SourceState, version: number): SourceSnapshot {
  return {
    id: sourceId,
    tenant: tenantId,
    name: config.name,
    kind: kind as SourceView['kind'],
    enabled: config.enabled,
    user: config.user,
    verification: config.verification || null,
    algorithm: config.algorithm || null,
    header: config.header || null,
    query: config.query || null,
    basicAuthUser: config.basicAuthUser || null,
    toleranceSeconds: config.toleranceSeconds || null,
    replays: config.replays,
    idHeader: config.idHeader || null,
    eventType: config.eventType,
    project: config.project || null,
    forwardedHeaders: [...config.forwardedHeaders],
    secret: MASK,
    version,
    createdAt: new Date(createdAtMs).toISOString(),
    updatedAt: new Date(updatedAtMs).toISOString(),
  };
}

/** @param base where event-ingest is reached, such as `https://hooks.example.com`; empty: the path only */
export function sourceView(source: SourceState, version: number, base: string): SourceView {
  return { ...sourceSnapshot(source, version), url: base + receivingPath(source) };
}

/** K5. One address for all of a tenant's Tiki handlers, called as in Tiki; one for each other source. */
function receivingPath({ tenantId, sourceId, kind }: SourceState): string {
  return `/in/${encodeURIComponent(tenantId)}/${inboundKindOf(kind)?.shared === true ? 'tiki-webhooks.php' : sourceId}`;
}

/** Another secret is told as such, masked on both sides. */
export const sourceHistory: HistoryShown<SourceState, SourceEvent> = {
  view: (state) => sourceSnapshot(state, 0),
  hidden: (event) => (event.type === 'SourceConfigured' && event.data.sealedSecret !== null ? [{ field: 'secret', before: MASK, after: MASK }] : []),
};

export function sourceRecord({ tenantId, sourceId, status, kind, config, sealedSecret, createdAtMs }: SourceState, version: number): CatalogChanged {
  const value = { tenantId, sourceId, deleted: status === 'deleted', kind, ...config, forwardedHeaders: [...config.forwardedHeaders], sealedSecret: Buffer.from(sealedSecret, 'base64url'), createdAtMs };
  return { version, entry: { $case: 'source', value } };
}
