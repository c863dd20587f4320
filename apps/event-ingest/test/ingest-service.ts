import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { CatalogChanged, EventAccepted, Topics, TenantState, type ApiKeyState, type EventTypeState } from '@hooklane/contracts/topics';
import { startService, type RunningService, type ServiceContext, type ServiceModule } from '@hooklane/service-host';
import { embeddedBindings } from '@hooklane/service-host/embedded';
import { testDatabase } from '@hooklane/testkit';
import { z } from 'zod';
import { eventIngestModule } from '../src/event-ingest.module.js';

export const KEY = 'hl_key-of-tenant-acme';
export const OTHER_KEY = 'hl_key-of-tenant-other';
export const READER_KEY = 'hl_key-without-the-scope';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // Specs look into answers freely.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Null: without one. */
  readonly key?: string | null;
}

export interface IngestUnderTest {
  readonly service: RunningService;
  readonly context: ServiceContext;
  readonly databaseUrl: string;
  post(path: string, body: string | Uint8Array, options?: PostOptions): Promise<Answered>;
  /** What stands in events.accepted, oldest first within a partition. */
  accepted(): Promise<EventAccepted[]>;
  tenant(id: string, part?: Partial<TenantState>): Promise<void>;
  project(tenantId: string, projectId: string, key: string): Promise<void>;
  eventType(part: EventTypeState): Promise<void>;
  key(text: string, part: Partial<ApiKeyState>): Promise<void>;
  grpc(): GrpcEvents;
  stop(): Promise<void>;
}

export interface GrpcEvents {
  call(method: 'publish' | 'publishBatch', request: object, key?: string): Promise<{ answer?: Record<string, unknown>; error?: ServiceError }>;
  stream(requests: readonly object[], key?: string): Promise<Record<string, unknown>[]>;
}

/** event-ingest alone, on the embedded log; the tables are written by the spec in the registry's place. */
export async function startIngest(options: { databaseUrl?: string; environment?: Readonly<Record<string, string>> } = {}): Promise<IngestUnderTest> {
  const database = options.databaseUrl === undefined ? await testDatabase() : null;
  const databaseUrl = options.databaseUrl ?? database!.url;
  const directory = await mkdtemp(join(tmpdir(), 'hooklane-ingest-'));
  const seeds = seedModule();
  const service = await startService({
    name: 'event-ingest',
    modules: [eventIngestModule as never, seeds.module as never],
    bindings: embeddedBindings as never,
    environment: { DATABASE_URL: databaseUrl, HOOKLANE_DATA_DIR: directory, HOOKLANE_PORT: '0', HOOKLANE_GRPC_PORT: '0', HOOKLANE_HOST: '127.0.0.1', HOOKLANE_LOG_LEVEL: 'error', ...options.environment },
  });
  const context = seeds.context();
  let version = 0;
  const change = async (key: string, entry: CatalogChanged['entry']): Promise<void> => {
    await context.log.append([{ topic: Topics.catalogChanged, partition: 0, key, value: CatalogChanged.encode({ version: Date.now() * 1_000 + ++version, entry }).finish() }]);
  };
  const ingest: IngestUnderTest = {
    service,
    context,
    databaseUrl,
    post: (path, body, postOptions) => post(service.httpPort, path, body, postOptions),
    accepted: () => accepted(context),
    tenant: (id, part = {}) => change(`tenant/${id}`, { $case: 'tenant', value: { ...TenantState.decode(new Uint8Array()), tenantId: id, unknownEventTypes: 'accept', ...part } }),
    project: (tenantId, projectId, key) => change(`project/${tenantId}/${projectId}`, { $case: 'project', value: { tenantId, projectId, key, name: key, deleted: false, blocked: false } }),
    eventType: (value) => change(`event-type/${value.tenantId}/${value.name}`, { $case: 'eventType', value }),
    key: (text, part) => change(`api-key/${text}`, { $case: 'apiKey', value: { keyId: `key_${text}`, tenantId: 'acme', hash: createHash('sha256').update(text).digest(), scopes: ['publish'], expiresAtMs: 0, revoked: false, name: text, ...part } }),
    grpc: () => grpcEvents(service.grpcPort!),
    async stop() {
      await service.stop('spec ended');
      await database?.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await ingest.tenant('acme');
  await ingest.tenant('other');
  await ingest.key(KEY, {});
  await ingest.key(OTHER_KEY, { tenantId: 'other' });
  await ingest.key(READER_KEY, { scopes: ['log:read'] });
  return ingest;
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

async function post(port: number, path: string, body: string | Uint8Array, { headers = {}, key = KEY }: PostOptions = {}): Promise<Answered> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
    body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

async function accepted({ log }: ServiceContext): Promise<EventAccepted[]> {
  const events: EventAccepted[] = [];
  for (const [partition, { first, next }] of (await log.bounds(Topics.eventsAccepted)).entries()) {
    for await (const batch of log.read({ topic: Topics.eventsAccepted, partition, from: first, to: next })) events.push(...batch.map((record) => EventAccepted.decode(record.value)));
  }
  return events;
}

type Call = (request: object, metadata: Metadata, callback: (error: ServiceError | null, answer: Record<string, unknown>) => void) => void;

function grpcEvents(port: number): GrpcEvents {
  const root = fileURLToPath(new URL('./proto/', import.meta.resolve('@hooklane/contracts')));
  const definition = loadPackageDefinition(loadSync(`${root}hooklane/v1/event_service.proto`, { keepCase: false, longs: Number, defaults: true, oneofs: true, includeDirs: [root] }));
  const Service = (definition as unknown as { hooklane: { v1: { EventService: new (address: string, secrets: ReturnType<typeof credentials.createInsecure>) => Client } } }).hooklane.v1.EventService;
  const open = (): Client => new Service(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadataOf = (key: string): Metadata => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${key}`);
    return metadata;
  };
  return {
    call(method, request, key = KEY) {
      const client = open();
      return new Promise((resolve) =>
        (client as unknown as Record<string, Call>)[method]!(request, metadataOf(key), (error, answer) => {
          client.close();
          resolve(error ? { error } : { answer });
        }),
      );
    },
    stream(requests, key = KEY) {
      const client = open();
      const call = (client as unknown as { publishStream(metadata: Metadata): NodeJS.EventEmitter & { write(message: object): void; end(): void } }).publishStream(metadataOf(key));
      return new Promise((resolve, reject) => {
        const answers: Record<string, unknown>[] = [];
        call.on('data', (answer: Record<string, unknown>) => answers.push(answer));
        call.on('error', (error) => {
          client.close();
          reject(error as Error);
        });
        call.on('end', () => {
          client.close();
          resolve(answers);
        });
        for (const request of requests) call.write(request);
        call.end();
      });
    },
  };
}
