import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import type { HistoryEntry } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { AppError } from '@hooklane/kernel';
import { Authorize, CurrentPrincipal, invalidRequest } from '@hooklane/service-host';
import type { Page } from '../page.js';
import type { Registry } from '../ports.js';
import { told, type Told } from '../told.js';
import { pageWish } from './grpc-fields.js';
import { historyMessage } from './hook-message.js';
import { REGISTRY } from './registry.token.js';

const KINDS = new Map<string, Told>(Object.entries(told));
const ADMIN_ONLY: ReadonlySet<string> = new Set(['user', 'api-key']);

/** hooklane.v1.HistoryService. */
@Controller()
export class HistoryGrpc {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @GrpcMethod('HistoryService', 'ListHistory')
  @Authorize('hooks:read')
  async list(@CurrentPrincipal() principal: Principal, @Payload() request: rpc.ListHistoryRequest): Promise<object> {
    const { tenant, kind } = request;
    const past = KINDS.get(kind);
    if (!past) throw invalidRequest([{ path: ['kind'], message: `Must be one of ${[...KINDS.keys()].join(', ')}.` }]);
    if (ADMIN_ONLY.has(kind) && !principal.scopes.has('admin')) throw new AppError('missing-scope', 'The API key needs the scope admin.', { details: { scope: 'admin' } });
    const page = (await past.history(this.registry, tenant, kind === 'tenant' ? tenant : request.id, pageWish(request))).body as Page<HistoryEntry>;
    return { items: page.items.map(historyMessage), next: page.next };
  }
}
