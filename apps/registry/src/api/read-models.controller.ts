import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { NoFields, ReadModelsRebuilt } from '@hooklane/contracts/rest';
import { Authorize } from '@hooklane/service-host';
import { Documented } from './documented.js';
import { REBUILD } from './registry.token.js';

@ApiTags('operations')
@ApiBearerAuth()
@Controller('v1/registry/read-models')
export class ReadModelsController {
  constructor(@Inject(REBUILD) private readonly rebuild: () => Promise<number>) {}

  /** Repeating it does the same work and changes nothing, so it needs no Idempotency-Key. */
  @Post('rebuild')
  @HttpCode(200)
  @Authorize('admin')
  @Documented('rebuildReadModels', 'Empties the registry\'s read models and makes them again from the event store, in one transaction; no answer changes.', { status: 200, schema: ReadModelsRebuilt })
  async run(@Body({ schema: NoFields }) _body: NoFields): Promise<{ events: number }> {
    return { events: await this.rebuild() };
  }
}
