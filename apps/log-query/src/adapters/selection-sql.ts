import { parseEventTypePattern } from '@hooklane/routing';
import { codeOf, DELIVERED, fates, PENDING } from '../read-model/codes.js';
import type { SelectionWish } from '../replay/replay-ports.js';
import { catchUpIdsOf, type DeliveryPlace } from '../replay/replay.js';

/** A step is one transaction of some tens of milliseconds. */
export const ROWS_A_STEP = 5_000;

const SKIPPED = codeOf(fates, 'skipped');
const COLUMNS = 'accepted_at_ms, request_offset, request_partition, hook_id, hook_version, event_id, type, project, fate, fate_reason';
const PLACE = 'accepted_at_ms, request_offset, request_partition, hook_id';

export class Parameters {
  readonly values: unknown[] = [];

  /** @returns how the value is named in the statement */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

/**
 * One step of a selection: `looked_at` is the next stretch of an index, `wanted` what is selected of it, with `first_offset`: where the event's first delivery
 * to the hook stands in its partition, which orders the events of a hook as they were accepted. What else was made of an event for the hook is kept under the
 * same acceptance time, so the primary key leads to it; asked for row by row, because a join of two lists whose lengths nobody can foresee became a loop in a loop.
 * @param sink what is done with `wanted`; a row for each that counts
 * @returns a statement with one row: how many were looked at, how many counted, and the place of the last one that was looked at
 */
export function selectionStep(wish: SelectionWish, after: DeliveryPlace | null, parameters: Parameters, sink: string): string {
  const { order, conditions } = stretch(wish, after, parameters);
  const wanted = parameters.add(wish.selection.fates.map((fate) => codeOf(fates, fate)));
  const isStale = staleCatchUp(wish, parameters);
  const counts = `${wish.selection.onlyLatest ? 'true' : `d.fate = ANY(${wanted}::int[])`} AND NOT ${isStale}`;
  return `WITH looked_at AS MATERIALIZED (SELECT ${COLUMNS} FROM log_query.deliveries WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${ROWS_A_STEP}),
    matching AS MATERIALIZED (SELECT * FROM looked_at l WHERE ${[`l.fate = ANY(${wanted}::int[])`, ...filters(wish, parameters)].join(' AND ')}),
    wanted AS (SELECT l.*, r.first_offset FROM matching l CROSS JOIN LATERAL (
      SELECT min(d.request_offset) AS first_offset, max(d.request_offset) FILTER (WHERE ${counts}) AS last_offset, bool_or(d.fate = ${PENDING} AND NOT ${isStale}) AS is_pending
      FROM log_query.deliveries d WHERE d.hook_id = l.hook_id AND d.accepted_at_ms = l.accepted_at_ms AND d.event_id = l.event_id) r
      WHERE NOT r.is_pending AND l.request_offset = r.last_offset),
    counted AS (${sink})
    SELECT (SELECT count(*) FROM looked_at) AS looked_at, (SELECT count(*) FROM counted) AS found, last.* FROM (SELECT 1) one
    LEFT JOIN (SELECT ${PLACE} FROM looked_at ORDER BY ${PLACE.split(', ').map((column) => `${column} DESC`).join(', ')} LIMIT 1) last ON true`;
}

/** What an abandoned catch-up of the hook has still on its way is skipped by the lane, so it counts for nothing. */
function staleCatchUp({ catchUp }: SelectionWish, parameters: Parameters): string {
  return catchUp ? `(d.fate = ${PENDING} AND starts_with(d.replay_id, ${parameters.add(catchUpIdsOf(catchUp.hookId))}))` : 'false';
}

/** What an index serves: of one hook its own, else that of the tenant's deliveries, or of those that were not delivered. */
function stretch({ tenantId, selection, hookIds }: SelectionWish, after: DeliveryPlace | null, parameters: Parameters): { readonly order: string; readonly conditions: readonly string[] } {
  const conditions = [`tenant_id = ${parameters.add(tenantId)}`, `accepted_at_ms >= ${parameters.add(selection.fromMs)}::bigint`, `accepted_at_ms < ${parameters.add(selection.toMs)}::bigint`];
  const isOfOneHook = hookIds.length === 1 && selection.fates.includes('delivered');
  if (isOfOneHook) conditions.push(`hook_id = ${parameters.add(hookIds[0])}`);
  else if (!selection.fates.includes('delivered')) conditions.push(`fate <> ${DELIVERED}`);
  const order = isOfOneHook ? 'accepted_at_ms, request_offset' : PLACE;
  if (after) {
    const time = parameters.add(after.acceptedAtMs);
    const place = [after.requestOffset, after.requestPartition, after.hookId].slice(0, isOfOneHook ? 1 : 3).map((value) => parameters.add(value));
    // The plain comparison is what the index and the choice of days understand.
    conditions.push(`accepted_at_ms >= ${time}::bigint`, `(${order}) > (${time}::bigint, ${place.join(', ')})`);
  }
  return { order, conditions };
}

function filters({ selection, hookIds, catchUp }: SelectionWish, parameters: Parameters): readonly string[] {
  const conditions = [`l.hook_id = ANY(${parameters.add(hookIds)}::text[])`];
  if (selection.projects) conditions.push(`l.project = ANY(${parameters.add(selection.projects)}::text[])`);
  if (selection.types) conditions.push(typeFilter(selection.types, parameters));
  if (catchUp) {
    conditions.push(`l.fate = ${SKIPPED} AND l.fate_reason = 'disabled'`, `l.request_offset < ${parameters.add(catchUp.commandOffset)}::bigint`, `l.hook_version > ${parameters.add(catchUp.aboveVersion)}::bigint`);
  }
  return conditions;
}

function typeFilter(types: readonly string[], parameters: Parameters): string {
  const patterns = types.map(parseEventTypePattern);
  const names = patterns.flatMap((pattern) => (pattern?.kind === 'exact' ? [pattern.name] : []));
  const prefixes = patterns.flatMap((pattern) => (pattern?.kind === 'prefix' ? [pattern.prefix] : []));
  return `(l.type = ANY(${parameters.add(names)}::text[]) OR EXISTS (SELECT 1 FROM unnest(${parameters.add(prefixes)}::text[]) p WHERE starts_with(l.type, p)))`;
}
