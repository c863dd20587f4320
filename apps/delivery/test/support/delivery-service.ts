import { DeliveryOutcome, HookChanged, HookSecrets, Topics } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { catalogOf, grpcService, startUnderTest, type Answered, type CallOptions, type GrpcAnswered } from '@hooklane/service-host/testing';
import { deliveryModule } from '../../src/delivery.module.js';

const KEY = 'hl_key-of-tenant-acme';
export const OTHER_KEY = 'hl_key-of-tenant-other';
export const PUBLISHER_KEY = 'hl_key-without-the-scope';
export const SECRET = 'very-secret-token';

export interface DeliveryUnderTest {
  call(method: 'GET' | 'POST', path: string, options?: CallOptions): Promise<Answered>;
  grpc(method: 'getLane' | 'testHook', request: object, key?: string): Promise<GrpcAnswered>;
  hook(hookId: string, url: string, part?: Partial<HookChanged>): Promise<void>;
  outcomes(hookId: string): Promise<DeliveryOutcome[]>;
  stop(): Promise<void>;
}

/** delivery alone, on the embedded log; the tables are written by the spec in the registry's place. */
export async function startDelivery(): Promise<DeliveryUnderTest> {
  const { service, context, call, stop } = await startUnderTest(deliveryModule, { key: KEY });
  const { log, secretBox, directory: table } = context;
  const catalog = catalogOf(log);
  for (const tenantId of ['acme', 'other']) await catalog.tenant(tenantId);
  await catalog.apiKey(KEY, { scopes: ['hooks:read', 'hooks:write'] });
  await catalog.apiKey(OTHER_KEY, { tenantId: 'other', scopes: ['admin'] });
  await catalog.apiKey(PUBLISHER_KEY, { scopes: ['publish'] });
  await service.ready;
  const lanes = grpcService(service.grpcPort ?? 0, 'LaneService');
  let version = 0;

  return {
    call,
    stop,
    grpc: (method, request, key = KEY) => lanes.call(method, request, key),
    async hook(hookId, url, part = {}) {
      const secrets = HookSecrets.encode({ url, signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [{ name: 'X-Token', value: SECRET }], tlsClientKeyPem: '' }).finish();
      const tenantId = part.tenantId ?? 'acme';
      const hook: HookChanged = { ...HookChanged.decode(new Uint8Array()), hookId, tenantId, enabled: true, enabledEpoch: 1, policyVersion: 1, timeoutMs: 1_000, tlsVerify: true, sealedSecrets: secretBox.seal(secrets, `hook/${tenantId}/${hookId}`), ...part, version: ++version };
      await log.append([{ topic: Topics.hooksChanged, partition: 0, key: hookId, value: HookChanged.encode(hook).finish() }]);
      await table.hookAtLeast(hookId, hook.version);
    },
    async outcomes(hookId) {
      const partition = partitionOf(hookId, log.partitionsOf(Topics.deliveryOutcomes));
      const { first, next } = (await log.bounds(Topics.deliveryOutcomes))[partition]!;
      const all: DeliveryOutcome[] = [];
      if (first < next) for await (const records of log.read({ topic: Topics.deliveryOutcomes, partition, from: first, to: next })) all.push(...records.map(({ value }) => DeliveryOutcome.decode(value)));
      return all.filter((outcome) => outcome.hookId === hookId);
    },
  };
}
