import type { DataSource } from 'typeorm';
import type { AggregateKind } from '../ports.js';
import { parseStreamId, streamIdOf } from '../stream-id.js';

/** The aggregates that stand in one of the two tables, and where the registry keeps them. */
const KEPT_IN: Partial<Record<AggregateKind, string>> = { tenant: 'tenants', 'api-key': 'api_keys', hook: 'hooks', 'event-type': 'event_types', project: 'projects', source: 'sources' };

/** @returns the version that readers of the tables should see, by stream; streams the database does not know are not in it. */
export async function tableVersions(source: DataSource, streamIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const versions = new Map<string, number>();
  const asked = new Set(streamIds);
  for (const [kind, table] of Object.entries(KEPT_IN) as [AggregateKind, string][]) {
    const ids = streamIds.map(parseStreamId).filter((stream) => stream.kind === kind).map(({ id }) => id);
    if (ids.length === 0) continue;
    const rows: { tenant_id: string; id: string; version: number }[] = await source.query(`SELECT tenant_id, id, version + (state ->> 'raisedBy')::integer AS version FROM registry.${table} WHERE id = ANY($1)`, [ids]);
    for (const row of rows) {
      const streamId = streamIdOf({ kind, tenantId: row.tenant_id, id: row.id });
      if (asked.has(streamId)) versions.set(streamId, row.version);
    }
  }
  return versions;
}

/** Streams of the tables that the relay has handed on, in order of their ids, from behind `after`. */
export async function publishedStreams(source: DataSource, after: string, limit: number): Promise<readonly string[]> {
  const rows: { stream_id: string }[] = await source.query(
    `SELECT DISTINCT stream_id FROM registry.events
     WHERE stream_id > $1 AND split_part(stream_id, '/', 1) = ANY($2) AND id <= (SELECT coalesce(max(position), 0) FROM registry.relays WHERE name = 'tables')
     ORDER BY stream_id LIMIT $3`,
    [after, Object.keys(KEPT_IN), limit],
  );
  return rows.map(({ stream_id }) => stream_id);
}
