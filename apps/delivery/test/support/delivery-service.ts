import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { CatalogChanged, DeliveryOutcome, HookChanged, HookSecrets, TenantState, Topics } from '@hooklane/contracts/topics';
import { partitionOf } from '@hooklane/event-log';
import { startService, type ServiceContext, type ServiceModule } from '@hooklane/service-host';
import { embeddedBindings } from '@hooklane/service-host/embedded';
import { testDatabase } from '@hooklane/testkit';
import { z } from 'zod';
import { deliveryModule } from '../../src/delivery.module.js';

const KEY = 'hl_key-of-tenant-acme';
export const OTHER_KEY = 'hl_key-of-tenant-other';
export const PUBLISHER_KEY = 'hl_key-without-the-scope';
export const SECRET = 'very-secret-token';

export interface Answered {
  readonly status: number;
  // Specs look into answers freely.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface DeliveryUnderTest {
  call(method: 'GET' | 'POST', path: string, options?: { readonly body?: string; readonly key?: string | null; readonly headers?: Readonly<Record<string, string>> }): Promise<Answered>;
  grpc(method: 'getLane' | 'testHook', request: object, key?: string): Promise<{ readonly answer?: Record<string, unknown>; readonly error?: ServiceError }>;
  hook(hookId: string, url: string, part?: Partial<HookChanged>): Promise<void>;
  outcomes(hookId: string): Promise<DeliveryOutcome[]>;
  stop(): Promise<void>;
}

/** delivery alone, on the embedded log; the tables are written by the spec in the registry's place. */
export async function startDelivery(): Promise<DeliveryUnderTest> {
  const database = await testDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'hooklane-delivery-'));
  const seeds = seedModule();
  const service = await startService({
    name: 'delivery',
    modules: [deliveryModule as never, seeds.module as never],
    bindings: embeddedBindings as never,
    environment: { DATABASE_URL: database.url, HOOKLANE_DATA_DIR: directory, HOOKLANE_PORT: '0', HOOKLANE_GRPC_PORT: '0', HOOKLANE_HOST: '127.0.0.1', HOOKLANE_LOG_LEVEL: 'error' },
  });
  const { log, secretBox, directory: table } = seeds.context();
  let version = 0;
  const change = async (key: string, entry: CatalogChanged['entry']): Promise<void> => {
    await log.append([{ topic: Topics.catalogChanged, partition: 0, key, value: CatalogChanged.encode({ version: ++version, entry }).finish() }]);
  };
  const keyOf = (text: string, tenantId: string, scopes: string[]): Promise<void> =>
    change(`api-key/${text}`, { $case: 'apiKey', value: { keyId: `key_${text}`, tenantId, hash: createHash('sha256').update(text).digest(), scopes, expiresAtMs: 0, revoked: false, name: text } });
  for (const tenantId of ['acme', 'other']) await change(`tenant/${tenantId}`, { $case: 'tenant', value: { ...TenantState.decode(new Uint8Array()), tenantId } });
  await keyOf(KEY, 'acme', ['hooks:read', 'hooks:write']);
  await keyOf(OTHER_KEY, 'other', ['admin']);
  await keyOf(PUBLISHER_KEY, 'acme', ['publish']);
  await service.ready;

  return {
    async call(method, path, { body, key = KEY, headers: others = {} } = {}) {
      const headers = { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...others };
      const response = await fetch(`http://127.0.0.1:${service.httpPort}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
      return { status: response.status, body: await response.json() };
    },
    grpc: (method, request, key = KEY) => grpcCall(service.grpcPort!, method, request, key),
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
    async stop() {
      await service.stop('spec ended');
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Lends the process's log to the spec. */
function seedModule(): { module: ServiceModule; context(): ServiceContext } {
  class SeedModule {}
  let given: ServiceContext | null = null;
  return {
    module: {
      name: 'registry',
      config: z.object({}) as never,
      migrations: null,
      grpc: [],
      register(context) {
        given = context;
        return { module: SeedModule };
      },
    },
    context: () => given!,
  };
}

function grpcCall(port: number, method: string, request: object, key: string): Promise<{ answer?: Record<string, unknown>; error?: ServiceError }> {
  const root = fileURLToPath(new URL('./proto/', import.meta.resolve('@hooklane/contracts')));
  const loaded = loadPackageDefinition(loadSync(`${root}hooklane/v1/lane_service.proto`, { keepCase: false, longs: Number, defaults: true, oneofs: true, includeDirs: [root] }));
  const { LaneService } = (loaded['hooklane'] as unknown as { v1: Record<string, new (address: string, credentials: unknown) => Client> }).v1;
  const client = new LaneService!(`127.0.0.1:${port}`, credentials.createInsecure()) as Client & Record<string, (request: object, metadata: Metadata, done: (error: ServiceError | null, answer?: Record<string, unknown>) => void) => void>;
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${key}`);
  return new Promise((resolve) => {
    client[method]!(request, metadata, (error, answer) => {
      client.close();
      resolve(error ? { error } : { answer: answer! });
    });
  });
}
