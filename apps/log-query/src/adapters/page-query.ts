import type pg from 'pg';
import type { Page, PageWish, PlaceKey } from '../query/stored.js';
import type { Queries } from './queries.pg.js';

/** A condition with its value in place of `?`; several values for several question marks. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export interface PageQuery<Raw extends pg.QueryResultRow, Row> {
  readonly table: string;
  /** The columns of the row's key, in the order of `PlaceKey`: time, offset, partition and, where one record has many, the hook. */
  readonly order: readonly [time: string, ...places: string[]];
  readonly columns: string;
  /** Served by an index. */
  readonly indexed: readonly Condition[];
  /** Looked at row by row. */
  readonly scanned: readonly Condition[];
  readonly wish: PageWish;
  readonly rowOf: (raw: Raw) => Row;
  /** Of a row with no more than the columns of `order`. */
  readonly keyOf: (raw: Raw) => PlaceKey;
  /** A key as values of the columns of `order`. Default: its members, as many as there are columns. */
  readonly placeOf?: (key: PlaceKey) => readonly unknown[];
  /** For what SQL sees too coarsely. */
  readonly keep?: (row: Row) => boolean;
}

/**
 * One page, newest first. Filters that no index serves look at `rowsScanned` rows at most; the page then holds what was found,
 * and its `next` goes on behind what was looked at. So no filter can hold a connection for long.
 */
export async function fetchPage<Raw extends pg.QueryResultRow, Row extends { readonly key: PlaceKey }>(queries: Queries, rowsScanned: number, query: PageQuery<Raw, Row>): Promise<Page<Row>> {
  const { table, columns, indexed, scanned, wish, keep = () => true } = query;
  const order = `ORDER BY ${query.order.map((column) => `${column} DESC`).join(', ')}`;
  const values: unknown[] = [];
  const bind = (conditions: readonly Condition[]): string => conditions.map((condition) => bound(condition, values)).join(' AND ');
  const within = `FROM log_query.${table} WHERE ${bind([...indexed, ...placed(query, wish)])}`;
  const windowValues = [...values];
  if (scanned.length === 0) {
    const rows = await queries.rows<Raw>(`SELECT ${columns} ${within} ${order} LIMIT ${wish.limit + 1}`, values);
    return pageOf(rows.map(query.rowOf), wish.limit);
  }
  const text = `SELECT ${columns} FROM (SELECT * ${within} ${order} LIMIT ${rowsScanned}) looked_at WHERE ${bind(scanned)} ${order} LIMIT ${wish.limit + 1}`;
  const found = (await queries.rows<Raw>(text, values)).map(query.rowOf);
  const kept = found.filter(keep);
  if (found.length > wish.limit) {
    // The coarse condition may have let too many through: go on behind the last one that it did.
    const page = pageOf(kept, wish.limit);
    const last = found.at(-1);
    return page.next || !last ? page : { rows: kept, next: last.key };
  }
  const [end] = await queries.rows<Raw>(`SELECT ${query.order.join(', ')} ${within} ${order} OFFSET ${rowsScanned - 1} LIMIT 1`, windowValues);
  return { rows: kept, next: end ? query.keyOf(end) : null };
}

function pageOf<Row extends { readonly key: PlaceKey }>(rows: readonly Row[], limit: number): Page<Row> {
  if (rows.length <= limit) return { rows, next: null };
  const shown = rows.slice(0, limit);
  return { rows: shown, next: shown.at(-1)?.key ?? null };
}

function placed({ order, placeOf = allOf }: Pick<PageQuery<never, never>, 'order' | 'placeOf'>, { fromMs, toMs, after }: PageWish): readonly Condition[] {
  const [timeColumn] = order;
  const conditions: Condition[] = [{ sql: `${timeColumn} >= ?`, values: [fromMs] }];
  if (toMs !== null) conditions.push({ sql: `${timeColumn} < ?`, values: [toMs] });
  // The plain comparison is what the index and the choice of days understand.
  if (after) {
    const place = placeOf(after).slice(0, order.length);
    conditions.push({ sql: `${timeColumn} <= ? AND (${order.join(', ')}) < (${place.map(() => '?').join(', ')})`, values: [after.timeMs, ...place] });
  }
  return conditions;
}

function allOf({ timeMs, offset, partition, hookId }: PlaceKey): readonly unknown[] {
  return [timeMs, offset, partition, hookId];
}

function bound({ sql, values }: Condition, all: unknown[]): string {
  let index = 0;
  return sql.replaceAll('?', () => `$${all.push(values[index++])}`);
}
