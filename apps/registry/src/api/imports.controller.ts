import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { HookImport, HookImportResult } from '@hooklane/contracts/rest';
import { Authorize, IDEMPOTENCY, Once, type KeptAnswers, type OnceRequest } from '@hooklane/service-host';
import { importHooks } from '../import/import-hooks.js';
import type { Registry } from '../ports.js';
import { Documented } from './documented.js';
import { Change, type HttpChange } from './http-change.js';
import { KEPT_ANSWERS, REGISTRY } from './registry.token.js';

@ApiTags('hooks')
@ApiBearerAuth()
@Controller('v1/tenants/:tenant/imports')
export class ImportsController {
  constructor(
    @Inject(REGISTRY) private readonly registry: Registry,
    @Inject(KEPT_ANSWERS) private readonly answers: KeptAnswers,
  ) {}

  @Post()
  @HttpCode(200)
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @Documented('importHooks', 'Makes the hooks of a product\'s own list, each by itself; what is there already is left alone. A dry run unless it is told otherwise.', { status: 200, schema: HookImportResult })
  import(@Once() once: OnceRequest, @Change() change: HttpChange, @Body({ schema: HookImport }) body: HookImport): Promise<HookImportResult> {
    return this.answers.once(once, async () => (await importHooks(this.registry, change.requestOf(this.registry), body)).body);
  }
}
