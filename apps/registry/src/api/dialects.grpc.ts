import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type { ListDialectEventTypesRequest } from '@hooklane/contracts/grpc';
import type { Principal } from '@hooklane/directory';
import { Authorize, CurrentPrincipal } from '@hooklane/service-host';
import { listDialectEventTypes, listDialects } from '../dialect/read-dialects.js';
import type { Registry } from '../ports.js';
import { REGISTRY } from './registry.token.js';

/** hooklane.v1.DialectService. */
@Controller()
export class DialectsGrpc {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @GrpcMethod('DialectService', 'ListDialects')
  @Authorize('hooks:read', { tenantKeys: 'narrowed' })
  list(): object {
    return { items: listDialects(this.registry).body.items.map(({ options, ...dialect }) => ({ ...dialect, optionsJson: JSON.stringify(options) })) };
  }

  @GrpcMethod('DialectService', 'ListDialectEventTypes')
  @Authorize('hooks:read', { tenantKeys: 'narrowed' })
  eventTypes(@Payload() { dialect }: ListDialectEventTypesRequest, @CurrentPrincipal() { actor }: Principal): object {
    return listDialectEventTypes(this.registry, dialect, actor).body;
  }
}
