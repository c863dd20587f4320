import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type { ImportHooksRequest } from '@hooklane/contracts/grpc';
import { HookImport } from '@hooklane/contracts/rest';
import { Authorize, Once, validated, type KeptAnswers, type OnceRequest } from '@hooklane/service-host';
import { importHooks } from '../import/import-hooks.js';
import type { Registry } from '../ports.js';
import { RpcChange, type GrpcChange } from './grpc-change.js';
import { parsedJson, present } from './grpc-fields.js';
import { KEPT_ANSWERS, REGISTRY } from './registry.token.js';

/** hooklane.v1.ImportService. */
@Controller()
export class ImportsGrpc {
  constructor(
    @Inject(REGISTRY) private readonly registry: Registry,
    @Inject(KEPT_ANSWERS) private readonly answers: KeptAnswers,
  ) {}

  @GrpcMethod('ImportService', 'ImportHooks')
  @Authorize('hooks:write')
  import(@Once() once: OnceRequest, @RpcChange() change: GrpcChange, @Payload() { dialect, hooksJson, dryRun, project }: ImportHooksRequest): Promise<object> {
    const body = validated(HookImport, { ...present({ dialect, dryRun, project }), hooks: parsedJson('hooksJson', hooksJson) });
    return this.answers.once(once, async () => (await importHooks(this.registry, change.requestOf(this.registry), body)).body);
  }
}
