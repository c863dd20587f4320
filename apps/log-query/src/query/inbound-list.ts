import type { InboundCallListQuery, InboundCallPage, InboundCallView } from '@hooklane/contracts/rest';
import { InboundCalled } from '@hooklane/contracts/topics';
import type { Clock } from '@hooklane/kernel';
import type { Cursors, InboundCallQueries, Tenants } from '../ports.js';
import { inboundCallSummary, inboundCallView } from '../views/inbound-call-view.js';
import { askedList } from './asked-list.js';
import { absence, expired, keptFromMs } from './retention.js';

export interface InboundListParts {
  readonly queries: InboundCallQueries;
  readonly tenants: Tenants;
  readonly cursors: Cursors;
  readonly clock: Clock;
}

/** Who called a tenant from outside, and what became of it. Throws AppError `invalid-cursor`, `not-found`, `expired`. */
export class InboundList {
  constructor(private readonly parts: InboundListParts) {}

  async page(tenantId: string, query: InboundCallListQuery): Promise<InboundCallPage> {
    const { filter, wish, answer } = askedList(this.parts, 'inbound-calls', tenantId, query);
    return answer(await this.parts.queries.page(tenantId, filter, wish), ({ record }) => inboundCallSummary(InboundCalled.decode(record)));
  }

  async call(tenantId: string, callId: string): Promise<InboundCallView> {
    const { queries, tenants, clock } = this.parts;
    const keptFrom = keptFromMs(clock.nowMs(), tenants.retentionDays(tenantId));
    const found = callId === '' ? null : await queries.find(tenantId, callId);
    if (!found) throw absence('call', callId, keptFrom, clock.nowMs());
    if (found.key.timeMs < keptFrom) throw expired('call');
    return inboundCallView(InboundCalled.decode(found.record));
  }
}
