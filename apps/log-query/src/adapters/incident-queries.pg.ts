import { AppError } from '@hooklane/kernel';
import type { IncidentFilter, IncidentQueries } from '../ports.js';
import type { PlaceKey } from '../query/stored.js';
import type { Queries } from './queries.pg.js';

interface Raw {
  incident_id: string;
  raised_at_ms: string;
  record: Buffer;
}

/** An answer that was begun by a process that died is free again after this. */
const CLAIM_MS = 30_000;

export class PgIncidentQueries implements IncidentQueries {
  constructor(private readonly queries: Queries) {}

  /** @param tenantId null: of every tenant and of the platform */
  async find(tenantId: string | null, incidentId: string): Promise<Buffer | null> {
    const rows = await this.queries.rows<Raw>('SELECT record FROM log_query.incidents WHERE incident_id = $1 AND ($2::text IS NULL OR tenant_id = $2)', [incidentId, tenantId]);
    return rows[0]?.record ?? null;
  }

  async page(tenantId: string | null, filter: IncidentFilter, limit: number, after: PlaceKey | null): Promise<{ readonly records: readonly Buffer[]; readonly next: PlaceKey | null }> {
    // An incident's place is the number of its first raising, which no other one has: two of the same millisecond differ by it.
    const rows = await this.queries.rows<Raw & { place: string }>(
      `SELECT raised_at_ms, place, record FROM log_query.incidents
       WHERE ($1::text IS NULL OR tenant_id = $1) AND ($2::text IS NULL OR state = $2) AND ($3::bigint IS NULL OR (raised_at_ms, place) < ($3, $4))
       ORDER BY raised_at_ms DESC, place DESC LIMIT $5`,
      [tenantId, filter.state ?? null, after?.timeMs ?? null, after?.offset ?? 0, limit + 1],
    );
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return { records: shown.map((row) => row.record), next: last ? { timeMs: Number(last.raised_at_ms), offset: Number(last.place), partition: 0, hookId: '' } : null };
  }

  async claim(incidentId: string, by: string, nowMs: number): Promise<boolean> {
    const rows = await this.queries.rows(
      `UPDATE log_query.incidents SET claimed_by = $2, claimed_at_ms = $3 WHERE incident_id = $1 AND state = 'open' AND claimed_at_ms < $3::bigint - ${CLAIM_MS} RETURNING 1`,
      [incidentId, by, nowMs],
    );
    return rows.length > 0;
  }

  async release(incidentId: string): Promise<void> {
    await this.queries.rows('UPDATE log_query.incidents SET claimed_at_ms = 0 WHERE incident_id = $1', [incidentId]);
  }

  async settled(incidentId: string, state: string, record: Buffer): Promise<void> {
    const rows = await this.queries.rows(`UPDATE log_query.incidents SET state = $2, record = $3 WHERE incident_id = $1 RETURNING 1`, [incidentId, state, record]);
    if (rows.length === 0) throw new AppError('not-found', 'There is no such incident.');
  }
}
