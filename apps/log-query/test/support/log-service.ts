import { DeliveriesRequested, DeliveryOutcome, EventAccepted, HookChanged, InboundCalled, IncidentChanged, Topics, type ApiKeyState, type TenantState } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import { catalogOf, grpcService, keyMetadata, startUnderTest, type Answered, type GrpcAnswered, type ServiceUnderTest } from '@hooklane/service-host/testing';
import { openDatabase } from '@hooklane/postgres';
import { eventually, eventuallyPasses, testDatabase } from '@hooklane/testkit';
import { jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { emptyReadModels } from '../../src/adapters/empty-read-models.pg.js';
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

const UNTIL_MS = 20_000;
const NOTHING = new Uint8Array();

export interface LogUnderTest extends Omit<ServiceUnderTest, 'call'> {
  get(path: string, key?: string | null): Promise<Answered>;
  post(path: string, body: unknown, key?: string, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  /** Gets until the answer fits: what is in the log is shown a moment later. */
  until(path: string, fits: (answered: Answered) => boolean, key?: string): Promise<Answered>;
  /** Appends an event, as event-ingest does. @returns its record, to be requested */
  event(part?: Partial<EventAccepted>, partition?: number): Promise<LogRecord>;
  /** Requests deliveries of an event, as fan-out does. @returns the request's offset */
  request(event: LogRecord, hooks: readonly string[], part?: { trigger?: string; replayId?: string; sourceStream?: string; sourcePosition?: number }, partition?: number): Promise<number>;
  outcome(part?: Partial<DeliveryOutcome>, partition?: number): Promise<void>;
  hook(part: Partial<HookChanged>): Promise<void>;
  incident(part: Partial<IncidentChanged>): Promise<void>;
  /** A call from outside, as event-ingest logs it. */
  called(part: Partial<InboundCalled>, partition?: number): Promise<void>;
  tenant(id: string, part?: Partial<TenantState>): Promise<void>;
  key(text: string, part: Partial<ApiKeyState>): Promise<void>;
  call(method: string, request: object, key?: string): Promise<GrpcAnswered>;
  /** Collects a stream's answers until there are `count`. */
  follow(request: object, count: number): Promise<Record<string, unknown>[]>;
}

/** log-query alone, on the embedded log; the spec writes the topics in the other services' place. */
export async function startLog(options: { databaseUrl?: string; directory?: string; environment?: Readonly<Record<string, string>> } = {}): Promise<LogUnderTest> {
  const environment = { HOOKLANE_PARTITIONS: '8', LOG_QUERY_FLUSH_AFTER_MS: '5', LOG_QUERY_REQUEST_HOLD_MS: '20', LOG_QUERY_WRITER: 'inline', ...options.environment };
  const started = await startUnderTest(logQueryModule, { ...options, environment, key: KEY });
  const log = underTest(started);
  await log.tenant('acme');
  await log.tenant('other');
  await log.key(KEY, {});
  await log.key(OTHER_KEY, { tenantId: 'other' });
  await log.key(PUBLISHER_KEY, { scopes: ['publish'] });
  await log.key(PLATFORM_KEY, { tenantId: '', scopes: ['admin'] });
  await started.service.ready;
  return log;
}

export interface LastingLog {
  /** The one that runs now. */
  readonly log: LogUnderTest;
  /** Stops it, starts another on what it left. */
  restart(): Promise<void>;
  /** Stops it, empties its read models by its own command, starts another. @param more to be emptied by hand, which no command does */
  rebuild(more?: (pool: pg.Pool) => Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** log-query on a database and a directory (the master key, which cursors are sealed with) that outlive it. */
export async function startLastingLog(): Promise<LastingLog> {
  const database = await testDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'hooklane-log-'));
  const start = (): Promise<LogUnderTest> => startLog({ databaseUrl: database.url, directory });
  let log = await start();
  const restart = async (meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> => {
    await log.stop();
    await meanwhile();
    log = await start();
  };
  return {
    get log() {
      return log;
    },
    restart: () => restart(),
    rebuild: (more = () => Promise.resolve()) =>
      restart(async () => {
        const opened = openDatabase({ url: database.url, tls: 'disable' }, () => undefined);
        // The server lets go of the last connections a moment after they were closed.
        await eventuallyPasses(() => emptyReadModels(opened));
        await more(opened.pool('spec', 1));
        await opened.close();
      }),
    async stop() {
      await log.stop();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function underTest(started: ServiceUnderTest): LogUnderTest {
  const { service, context, call } = started;
  const catalog = catalogOf(context.log);
  const append = async (topic: string, key: string | null, value: Uint8Array, attachment?: LogRecord, partition = 0): Promise<number> => {
    const [offset] = await context.log.append([{ topic, partition, key, value, ...(attachment ? { attachment } : {}) }]);
    return offset ?? -1;
  };
  const get = (path: string, key: string | null = KEY): Promise<Answered> => call('GET', path, { key });
  let sequence = 0;
  return {
    ...started,
    get,
    post: (path, body, key = PLATFORM_KEY, headers = {}) => call('POST', path, { body: JSON.stringify(body), key, headers }),
    async until(path, fits, key = KEY) {
      let last: Answered | null = null;
      const look = async (): Promise<Answered | null> => (fits((last = await get(path, key))) ? last : null);
      return eventually(look, `${path} to fit`, UNTIL_MS).catch((error: Error) => {
        throw new Error(`${error.message} It still answers ${last?.status} ${last?.text.slice(0, 2_000)}`);
      });
    },
    async event(part = {}, partition = 0) {
      const value = Buffer.from(EventAccepted.encode(eventMessage({ acceptedAtMs: Date.now(), occurredAtMs: Date.now(), sequence: ++sequence, ...part })).finish());
      const offset = await append(Topics.eventsAccepted, null, value, undefined, partition);
      return { topic: Topics.eventsAccepted, partition, offset, timestampMs: Date.now(), key: null, headers: {}, value, attachment: null };
    },
    request(event, hooks, { trigger = 'event', replayId = '', sourceStream = 'lineage/0', sourcePosition = event.offset } = {}, partition = 0) {
      const { tenantId, eventId } = EventAccepted.decode(event.value);
      const request = { tenantId, eventId, sourceStream, sourcePosition, hooks: hooks.map((hookId) => ({ hookId, version: 1 })), trigger, replayId };
      return append(Topics.deliveriesRequested, null, DeliveriesRequested.encode({ kind: { $case: 'request', value: request } }).finish(), event, partition);
    },
    async outcome(part = {}, partition = 0) {
      await append(Topics.deliveryOutcomes, null, DeliveryOutcome.encode(outcomeMessage({ atMs: Date.now(), ownerSequence: ++sequence, ...part })).finish(), undefined, partition);
    },
    async hook(part) {
      const hook = { ...HookChanged.decode(NOTHING), tenantId: 'acme', hookId: 'hook_1', version: 1, name: 'one', enabled: true, eventTypes: ['*'], ...part };
      await append(Topics.hooksChanged, hook.hookId, HookChanged.encode(hook).finish());
    },
    async incident(part) {
      const incident = { ...IncidentChanged.decode(NOTHING), incidentId: 'inc_1', kind: 'dead-letter', service: 'fanout', topic: Topics.eventsAccepted, reason: 'The record cannot be read.', raisedAtMs: Date.now(), state: 'open', ...part };
      await append(Topics.incidentsChanged, incident.incidentId, IncidentChanged.encode(incident).finish());
    },
    async called(part, partition = 0) {
      const called = { ...InboundCalled.decode(NOTHING), tenantId: 'acme', callId: 'in_1', atMs: Date.now(), endpoint: 'tiki', outcome: 'accepted', status: 200, method: 'POST', path: '/in/acme/tiki-webhooks.php', ...part };
      await append(Topics.inboundCalled, null, InboundCalled.encode(called).finish(), undefined, partition);
    },
    tenant: catalog.tenant,
    key: (text, part) => catalog.apiKey(text, { scopes: ['log:read'], ...part }),
    ...grpcLog(service.grpcPort ?? 0),
  };
}

type Following = (request: object, metadata: object) => NodeJS.EventEmitter & { cancel(): void };

function grpcLog(port: number): Pick<LogUnderTest, 'call' | 'follow'> {
  const service = grpcService(port, 'LogService');
  return {
    call: (method, request, key = KEY) => service.call(method, request, key),
    follow(request, count) {
      const client = service.open();
      const call = (client as unknown as Record<string, Following>).tail?.(request, keyMetadata(KEY)) as ReturnType<Following>;
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
