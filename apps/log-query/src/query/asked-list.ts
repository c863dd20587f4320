import { limits } from '@hooklane/contracts';
import type { Clock } from '@hooklane/kernel';
import type { Cursors, Tenants } from '../ports.js';
import { momentOf } from '../views/moments.js';
import { keptFromMs } from './retention.js';
import type { Page, PageWish } from './stored.js';

export interface ListQuery {
  readonly cursor?: string;
  readonly limit?: number;
  readonly from?: string;
  readonly to?: string;
}

export interface AskedList<Query extends ListQuery> {
  readonly filter: Omit<Query, keyof ListQuery>;
  readonly wish: PageWish;
  answer<Row, Item>(page: Page<Row>, itemOf: (row: Row) => Item): { items: Item[]; next: string | null; expiredBefore: string | null };
}

/**
 * What a request for a page of a list asks for, within what the tenant's log keeps.
 * @param list its name: cursors are good for one list of one tenant with one set of filters
 * @throws AppError `invalid-cursor`
 */
export function askedList<Query extends ListQuery>({ clock, tenants, cursors }: { readonly clock: Clock; readonly tenants: Tenants; readonly cursors: Cursors }, list: string, tenantId: string, query: Query): AskedList<Query> {
  const { cursor, limit, from, to, ...filter } = query;
  const scope = JSON.stringify([list, tenantId, from, to, filter]);
  const keptFrom = keptFromMs(clock.nowMs(), tenants.retentionDays(tenantId));
  const fromMs = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
  const wish: PageWish = {
    limit: limit ?? limits.pageSize,
    after: cursor === undefined ? null : cursors.open(scope, cursor),
    fromMs: Math.ceil(Math.max(fromMs, keptFrom)),
    toMs: to === undefined ? null : Date.parse(to),
  };
  const expiredBefore = from !== undefined && fromMs < keptFrom ? momentOf(keptFrom) : null;
  const answer = <Row, Item>(page: Page<Row>, itemOf: (row: Row) => Item) => ({ items: page.rows.map(itemOf), next: page.next && cursors.seal(scope, page.next), expiredBefore });
  return { filter, wish, answer };
}
