import { EventAccepted, InboundCalled, SourceState, Topics, type ApiKeyState, type EventTypeState, type TenantState } from '@hooklane/contracts/topics';
import type { ServiceContext } from '@hooklane/service-host';
import { catalogOf, grpcService, keyMetadata, startUnderTest, type Answered, type Catalog, type CallOptions, type GrpcAnswered, type ServiceUnderTest } from '@hooklane/service-host/testing';
import { eventIngestModule } from '../src/event-ingest.module.js';

export const KEY = 'hl_key-of-tenant-acme';
export const OTHER_KEY = 'hl_key-of-tenant-other';
export const READER_KEY = 'hl_key-without-the-scope';

export type PostOptions = Omit<CallOptions, 'body'>;

export interface IngestUnderTest extends ServiceUnderTest {
  post(path: string, body: string | Uint8Array, options?: PostOptions): Promise<Answered>;
  /** What stands in events.accepted, oldest first within a partition. */
  accepted(): Promise<EventAccepted[]>;
  tenant(id: string, part?: Partial<TenantState>): Promise<void>;
  project(tenantId: string, projectId: string, key: string): Promise<void>;
  eventType(part: EventTypeState): Promise<void>;
  key(text: string, part: Partial<ApiKeyState>): Promise<void>;
  /** An inbound source of the tenant acme, as the registry writes it. @returns its id */
  source(part: Partial<SourceState>, secret: string): Promise<string>;
  /** What stands in inbound.called, oldest first within a partition. */
  called(): Promise<InboundCalled[]>;
  grpc(): GrpcEvents;
}

export interface GrpcEvents {
  call(method: 'publish' | 'publishBatch', request: object, key?: string): Promise<GrpcAnswered>;
  stream(requests: readonly object[], key?: string): Promise<Record<string, unknown>[]>;
}

/** event-ingest alone, on the embedded log; the tables are written by the spec in the registry's place. */
export async function startIngest(options: { databaseUrl?: string; environment?: Readonly<Record<string, string>> } = {}): Promise<IngestUnderTest> {
  const started = await startUnderTest(eventIngestModule, { ...options, key: KEY });
  const { service, context, call } = started;
  const catalog = catalogOf(context.log);
  const key = (text: string, part: Partial<ApiKeyState>): Promise<void> => catalog.apiKey(text, { scopes: ['publish'], ...part });
  await catalog.tenant('acme');
  await catalog.tenant('other');
  await key(KEY, {});
  await key(OTHER_KEY, { tenantId: 'other' });
  await key(READER_KEY, { scopes: ['log:read'] });
  return {
    ...started,
    post: (path, body, postOptions) => call('POST', path, { body, ...postOptions }),
    accepted: () => valuesOf(context, Topics.eventsAccepted, EventAccepted.decode),
    tenant: catalog.tenant,
    project: (tenantId, projectId, name) => catalog.change(`project/${tenantId}/${projectId}`, { $case: 'project', value: { tenantId, projectId, key: name, name, deleted: false, blocked: false } }),
    eventType: (value) => catalog.change(`event-type/${value.tenantId}/${value.name}`, { $case: 'eventType', value }),
    key,
    source: (part, secret) => putSource(context, catalog, part, secret),
    called: () => valuesOf(context, Topics.inboundCalled, InboundCalled.decode),
    grpc: () => grpcEvents(service.grpcPort ?? 0),
  };
}

async function valuesOf<Value>({ log }: ServiceContext, topic: string, decode: (bytes: Uint8Array) => Value): Promise<Value[]> {
  const values: Value[] = [];
  for (const [partition, { first, next }] of (await log.bounds(topic)).entries()) {
    for await (const batch of log.read({ topic, partition, from: first, to: next })) values.push(...batch.map((record) => decode(record.value)));
  }
  return values;
}

let sources = 0;

async function putSource({ secretBox }: ServiceContext, catalog: Catalog, part: Partial<SourceState>, secret: string): Promise<string> {
  const sourceId = part.sourceId ?? `src_${++sources}`;
  const none = SourceState.decode(new Uint8Array());
  const sealedSecret = secretBox.seal(Buffer.from(secret), `source/${part.tenantId ?? 'acme'}/${sourceId}`);
  const value: SourceState = { ...none, tenantId: 'acme', sourceId, name: `source ${sources}`, enabled: true, user: 'usr_ana', toleranceSeconds: 300, replays: 'accept', eventType: `${part.kind}.webhook.received`, sealedSecret, createdAtMs: sources, ...part };
  await catalog.change(`source/${value.tenantId}/${sourceId}`, { $case: 'source', value });
  return sourceId;
}

function grpcEvents(port: number): GrpcEvents {
  const service = grpcService(port, 'EventService');
  return {
    call: (method, request, key = KEY) => service.call(method, request, key),
    stream(requests, key = KEY) {
      const client = service.open();
      const call = (client as unknown as { publishStream(metadata: object): NodeJS.EventEmitter & { write(message: object): void; end(): void } }).publishStream(keyMetadata(key));
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
