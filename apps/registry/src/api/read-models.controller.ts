import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { NoFields, ReadModelsRebuilt } from '@hooklane/contracts/rest';
import { Authorize, IDEMPOTENCY, Once, type KeptAnswers, type OnceRequest } from '@hooklane/service-host';
import { Documented } from './documented.js';
import { KEPT_ANSWERS, REBUILD } from './registry.token.js';

@ApiTags('operations')
@ApiBearerAuth()
@Controller('v1/registry/read-models')
export class ReadModelsController {
  constructor(
    @Inject(REBUILD) private readonly rebuild: () => Promise<number>,
    @Inject(KEPT_ANSWERS) private readonly answers: KeptAnswers,
  ) {}

  @Post('rebuild')
  @HttpCode(200)
  @Authorize('admin')
  @IDEMPOTENCY
  @Documented('rebuildReadModels', 'Empties the registry\'s read models and makes them again from the event store, in one transaction; no answer changes.', { status: 200, schema: ReadModelsRebuilt })
  run(@Once() once: OnceRequest, @Body({ schema: NoFields }) _body: NoFields): Promise<{ events: number }> {
    return this.answers.once(once, async () => ({ events: await this.rebuild() }));
  }
}
