import { EventAccepted, Topics, type ApiKeyState, type EventTypeState, type TenantState } from '@hooklane/contracts/topics';
import type { ServiceContext } from '@hooklane/service-host';
import { catalogOf, grpcService, keyMetadata, startUnderTest, type Answered, type CallOptions, type GrpcAnswered, type ServiceUnderTest } from '@hooklane/service-host/testing';
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
    accepted: () => accepted(context),
    tenant: catalog.tenant,
    project: (tenantId, projectId, name) => catalog.change(`project/${tenantId}/${projectId}`, { $case: 'project', value: { tenantId, projectId, key: name, name, deleted: false, blocked: false } }),
    eventType: (value) => catalog.change(`event-type/${value.tenantId}/${value.name}`, { $case: 'eventType', value }),
    key,
    grpc: () => grpcEvents(service.grpcPort ?? 0),
  };
}

async function accepted({ log }: ServiceContext): Promise<EventAccepted[]> {
  const events: EventAccepted[] = [];
  for (const [partition, { first, next }] of (await log.bounds(Topics.eventsAccepted)).entries()) {
    for await (const batch of log.read({ topic: Topics.eventsAccepted, partition, from: first, to: next })) events.push(...batch.map((record) => EventAccepted.decode(record.value)));
  }
  return events;
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
