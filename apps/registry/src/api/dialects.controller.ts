import { Controller, Get, Inject, Param, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { DialectEventTypes, DialectList } from '@hooklane/contracts/rest';
import type { Principal } from '@hooklane/directory';
import { Authorize, CurrentPrincipal } from '@hooklane/service-host';
import { listDialectEventTypes, listDialects } from '../dialect/read-dialects.js';
import type { Registry } from '../ports.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { Documented } from './documented.js';
import { REGISTRY } from './registry.token.js';

/** What hooks may speak; the same for everybody. */
@ApiTags('hooks')
@ApiBearerAuth()
@Controller('v1/dialects')
@UseInterceptors(AnswerInterceptor)
export class DialectsController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Get()
  @Authorize('hooks:read', { tenantKeys: 'narrowed' })
  @Documented('listDialects', 'The dialects, with what their hooks do by default and what of it a hook may choose.', { status: 200, schema: DialectList })
  list(): unknown {
    return listDialects(this.registry);
  }

  @Get(':dialect/event-types')
  @Authorize('hooks:read', { tenantKeys: 'narrowed' })
  @Documented('listDialectEventTypes', 'The event types that the product knows, each with a sample of its data; empty where the dialect takes any.', { status: 200, schema: DialectEventTypes })
  eventTypes(@Param('dialect') dialect: string, @CurrentPrincipal() { actor }: Principal): unknown {
    return listDialectEventTypes(this.registry, dialect, actor);
  }
}
