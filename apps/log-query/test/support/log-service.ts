import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { CatalogChanged, DeliveriesRequested, DeliveryOutcome, EventAccepted, HookChanged, IncidentChanged, TenantState, Topics, type ApiKeyState } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import { startService, type RunningService, type ServiceContext, type ServiceModule } from '@hooklane/service-host';
import { embeddedBindings } from '@hooklane/service-host/embedded';
import { testDatabase } from '@hooklane/testkit';
import { jest } from '@jest/globals';
import { z } from 'zod';
import { logQueryModule } from '../../src/log-query.module.js';
import { eventMessage, outcomeMessage } from './rows.js';

export const KEY = 'hl_key-of-tenant-acme';
export const OTHER_KEY = 'hl_key-of-tenant-other';
export const PUBLISHER_KEY = 'hl_key-without-the-scope';
export const PLATFORM_KEY = 'hl_key-of-the-platform';

// Every wait of these specs has an end of its own; the machine may be busy with other specs.
jest.setTimeout(30_000);

/** A whole service is started, on a machine that may be busy with other specs. */
export const START_TIMEOUT_MS = 60_000;

const NOTHING = new Uint8Array();

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // Specs look into answers freely.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly text: string;
}

export interface LogUnderTest {
  readonly service: RunningService;
  readonly context: ServiceContext;
  readonly databaseUrl: string;
  readonly url: string;
  get(path: string, key?: string | null): Promise<Answered>;
  post(path: string, body: unknown, key?: string, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  /** Gets until the answer fits: what is in the log is shown a moment later. */
  until(path: string, fits: (answered: Answered) => boolean, key?: string): Promise<Answered>;
  /** Appends an event, as event-ingest does. @returns its record, to be requested */
  event(part?: Partial<EventAccepted>): Promise<LogRecord>;
  /** Requests deliveries of an event in partition 0, as fan-out does. @returns the request's offset */
  request(event: LogRecord, hooks: readonly string[], part?: { trigger?: string; replayId?: string; sourceStream?: string; sourcePosition?: number }): Promise<number>;
  outcome(part?: Partial<DeliveryOutcome>): Promise<void>;
  hook(part: Partial<HookChanged>): Promise<void>;
  incident(part: Partial<IncidentChanged>): Promise<void>;
  tenant(id: string, part?: Partial<TenantState>): Promise<void>;
  key(text: string, part: Partial<ApiKeyState>): Promise<void>;
  call(method: string, request: object, key?: string): Promise<{ answer?: Record<string, unknown>; error?: ServiceError }>;
  /** Collects a stream's answers until there are `count`. */
  follow(request: object, count: number): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** log-query alone, on the embedded log; the spec writes the topics in the other services' place. */
export async function startLog(options: { databaseUrl?: string; directory?: string; environment?: Readonly<Record<string, string>> } = {}): Promise<LogUnderTest> {
  const database = options.databaseUrl === undefined ? await testDatabase() : null;
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'hooklane-log-')));
  const seeds = seedModule();
  const service = await startService({
    name: 'log-query',
    modules: [logQueryModule as never, seeds.module as never],
    bindings: embeddedBindings as never,
    environment: {
      DATABASE_URL: databaseUrl, HOOKLANE_DATA_DIR: directory, HOOKLANE_PORT: '0', HOOKLANE_GRPC_PORT: '0', HOOKLANE_HOST: '127.0.0.1', HOOKLANE_LOG_LEVEL: 'error', HOOKLANE_PARTITIONS: '8',
      LOG_QUERY_FLUSH_AFTER_MS: '5', LOG_QUERY_REQUEST_HOLD_MS: '20', ...options.environment,
    },
  });
  const context = seeds.context();
  const log = underTest(service, context, databaseUrl, async () => {
    await service.stop('spec ended');
    await database?.drop();
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
  });
  await log.tenant('acme');
  await log.tenant('other');
  await log.key(KEY, {});
  await log.key(OTHER_KEY, { tenantId: 'other' });
  await log.key(PUBLISHER_KEY, { scopes: ['publish'] });
  await log.key(PLATFORM_KEY, { tenantId: '', scopes: ['admin'] });
  await service.ready;
  return log;
}

function underTest(service: RunningService, context: ServiceContext, databaseUrl: string, stop: () => Promise<void>): LogUnderTest {
  const url = `http://127.0.0.1:${service.httpPort}`;
  let version = 0;
  const append = async (topic: string, key: string | null, value: Uint8Array, attachment?: LogRecord): Promise<number> => {
    const [offset] = await context.log.append([{ topic, partition: 0, key, value, ...(attachment ? { attachment } : {}) }]);
    return offset ?? -1;
  };
  const change = async (key: string, entry: CatalogChanged['entry']): Promise<void> => {
    await append(Topics.catalogChanged, key, CatalogChanged.encode({ version: Date.now() * 1_000 + ++version, entry }).finish());
  };
  const get = async (path: string, key: string | null = KEY): Promise<Answered> => answered(await fetch(`${url}${path}`, { headers: key === null ? {} : { authorization: `Bearer ${key}` } }));
  let sequence = 0;
  return {
    service,
    context,
    databaseUrl,
    url,
    get,
    stop,
    post: async (path, body, key = PLATFORM_KEY, headers = {}) => answered(await fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })),
    async until(path, fits, key = KEY) {
      const deadline = Date.now() + 20_000;
      for (;;) {
        const found = await get(path, key);
        if (fits(found)) return found;
        if (Date.now() > deadline) throw new Error(`${path} still answers ${found.status} ${found.text.slice(0, 2_000)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async event(part = {}) {
      const value = Buffer.from(EventAccepted.encode(eventMessage({ acceptedAtMs: Date.now(), occurredAtMs: Date.now(), sequence: ++sequence, ...part })).finish());
      const offset = await append(Topics.eventsAccepted, null, value);
      return { topic: Topics.eventsAccepted, partition: 0, offset, timestampMs: Date.now(), key: null, headers: {}, value, attachment: null };
    },
    request(event, hooks, { trigger = 'event', replayId = '', sourceStream = 'lineage/0', sourcePosition = event.offset } = {}) {
      const { tenantId, eventId } = EventAccepted.decode(event.value);
      const request = { tenantId, eventId, sourceStream, sourcePosition, hooks: hooks.map((hookId) => ({ hookId, version: 1 })), trigger, replayId };
      return append(Topics.deliveriesRequested, null, DeliveriesRequested.encode({ kind: { $case: 'request', value: request } }).finish(), event);
    },
    async outcome(part = {}) {
      await append(Topics.deliveryOutcomes, null, DeliveryOutcome.encode(outcomeMessage({ atMs: Date.now(), ownerSequence: ++sequence, ...part })).finish());
    },
    async hook(part) {
      const hook = { ...HookChanged.decode(NOTHING), tenantId: 'acme', hookId: 'hook_1', version: 1, name: 'one', enabled: true, eventTypes: ['*'], ...part };
      await append(Topics.hooksChanged, hook.hookId, HookChanged.encode(hook).finish());
    },
    async incident(part) {
      const incident = { ...IncidentChanged.decode(NOTHING), incidentId: 'inc_1', kind: 'dead-letter', service: 'fanout', topic: Topics.eventsAccepted, reason: 'The record cannot be read.', raisedAtMs: Date.now(), state: 'open', ...part };
      await append(Topics.incidentsChanged, incident.incidentId, IncidentChanged.encode(incident).finish());
    },
    tenant: (id, part = {}) => change(`tenant/${id}`, { $case: 'tenant', value: { ...TenantState.decode(NOTHING), tenantId: id, unknownEventTypes: 'accept', ...part } }),
    key: (text, part) => change(`api-key/${text}`, { $case: 'apiKey', value: { keyId: `key_${text}`, tenantId: 'acme', hash: createHash('sha256').update(text).digest(), scopes: ['log:read'], expiresAtMs: 0, revoked: false, name: text, ...part } }),
    ...grpcLog(service.grpcPort ?? 0),
  };
}

async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) };
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
    context() {
      if (!given) throw new Error('the service has not started');
      return given;
    },
  };
}

type Unary = (request: object, metadata: Metadata, callback: (error: ServiceError | null, answer: Record<string, unknown>) => void) => void;
type Following = (request: object, metadata: Metadata) => NodeJS.EventEmitter & { cancel(): void };

function grpcLog(port: number): Pick<LogUnderTest, 'call' | 'follow'> {
  const root = fileURLToPath(new URL('./proto/', import.meta.resolve('@hooklane/contracts')));
  const definition = loadPackageDefinition(loadSync(`${root}hooklane/v1/log_service.proto`, { keepCase: false, longs: Number, defaults: true, oneofs: true, includeDirs: [root] }));
  const Service = (definition as unknown as { hooklane: { v1: { LogService: new (address: string, secrets: ReturnType<typeof credentials.createInsecure>) => Client } } }).hooklane.v1.LogService;
  const open = (): Client => new Service(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadataOf = (key: string): Metadata => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${key}`);
    return metadata;
  };
  return {
    call(method, request, key = KEY) {
      const client = open();
      return new Promise((resolve) => {
        (client as unknown as Record<string, Unary>)[method]?.(request, metadataOf(key), (error, answer) => {
          client.close();
          resolve(error ? { error } : { answer });
        });
      });
    },
    follow(request, count) {
      const client = open();
      const call = (client as unknown as Record<string, Following>).tail?.(request, metadataOf(KEY)) as ReturnType<Following>;
      return new Promise((resolve, reject) => {
        const answers: Record<string, unknown>[] = [];
        call.on('error', (error) => {
          if (answers.length < count) reject(error as Error);
        });
        call.on('data', (answer: Record<string, unknown>) => {
          answers.push(answer);
          if (answers.length < count) return;
          call.cancel();
          client.close();
          resolve(answers);
        });
      });
    },
  };
}
