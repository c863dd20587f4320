import type { UndeliveredListQuery, UndeliveredPage } from '@hooklane/contracts/rest';
import type { Clock } from '@hooklane/kernel';
import type { Cursors, Tenants, UndeliveredQueries } from '../ports.js';
import { undeliveredDelivery, undeliveredEvent } from '../views/undelivered-view.js';
import { askedList } from './asked-list.js';

export interface UndeliveredListParts {
  readonly queries: UndeliveredQueries;
  readonly tenants: Tenants;
  readonly cursors: Cursors;
  readonly clock: Clock;
}

/** Everything that a tenant's hooks did not get, or not yet, each with its reason. Throws AppError `invalid-cursor`. */
export class UndeliveredList {
  constructor(private readonly parts: UndeliveredListParts) {}

  async page(tenantId: string, query: UndeliveredListQuery): Promise<UndeliveredPage> {
    const { filter, wish, answer } = askedList(this.parts, 'undelivered', tenantId, query);
    const { queries } = this.parts;
    if (filter.fate !== 'matched-nothing') return answer(await queries.deliveries(tenantId, filter, wish), undeliveredDelivery);
    // No hook is no hook's, and has no reason but that.
    if (filter.hook !== undefined || filter.reason !== undefined) return answer({ rows: [], next: null }, undeliveredEvent);
    return answer(await queries.unmatched(tenantId, filter, wish), undeliveredEvent);
  }
}
