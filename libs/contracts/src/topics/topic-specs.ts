/** Topic names without the configurable prefix. Past participles: what happened. */
export const Topics = {
  hooksChanged: 'hooks.changed',
  catalogChanged: 'catalog.changed',
  eventsAccepted: 'events.accepted',
  deliveriesRequested: 'deliveries.requested',
  deliveryOutcomes: 'delivery.outcomes',
  keysUsed: 'keys.used',
  incidentsChanged: 'incidents.changed',
  inboundCalled: 'inbound.called',
} as const;

export type TopicName = (typeof Topics)[keyof typeof Topics];

/** A service, or the job that makes topics and writes their lineage. */
export type TopicUser = 'registry' | 'event-ingest' | 'fanout' | 'delivery' | 'log-query' | 'topics';

export interface TopicSpec {
  readonly name: TopicName;
  /** A table keeps the newest record of each key and has one partition, so that reading it to its end is one question; a stream has as many as the platform has (8 embedded, 48 distributed by default). */
  readonly shape: 'table' | 'stream';
  /** Streams only. How long records stay in the log, in milliseconds. */
  readonly retentionMs: number | null;
  /** The protobuf message (`proto/hooklane/topics/v1`) that every value of it is. */
  readonly message: string;
  /** Of a table: what a record's key is. Null on streams, whose records have none. */
  readonly key: string | null;
  /** Of a stream: what decides in which partition a record stands. Null on tables, which have one. */
  readonly partitionedBy: string | null;
  readonly writers: readonly TopicUser[];
  readonly readers: readonly TopicUser[];
}

const DAY_MS = 86_400_000;
// A consumer that was down longer than this has lost records, and says so with an incident.
const STREAM = { shape: 'stream', key: null, retentionMs: 7 * DAY_MS } as const;
const TABLE = { shape: 'table', partitionedBy: null, retentionMs: null } as const;
const SERVICES: readonly TopicUser[] = ['registry', 'event-ingest', 'fanout', 'delivery', 'log-query'];

/** Every topic of the platform. docs/asyncapi.json is made of this list and the .proto file. */
export const topicSpecs: readonly TopicSpec[] = [
  { ...TABLE, name: Topics.hooksChanged, message: 'HookChanged', key: 'The id of the hook.', writers: ['registry'], readers: SERVICES },
  {
    ...TABLE,
    name: Topics.catalogChanged,
    message: 'CatalogChanged',
    key: '`<kind>/<id>`, or `<kind>/<tenant>/<id>` of what belongs to a tenant; the kind is that of the value, such as `tenant`, `project`, `api-key`, `event-type`, `source` or `lineage`.',
    writers: ['registry', 'topics'],
    readers: SERVICES,
  },
  { ...TABLE, name: Topics.keysUsed, message: 'KeyUsed', key: 'The id of the API key.', writers: ['registry', 'event-ingest', 'delivery', 'log-query'], readers: ['registry'] },
  { ...TABLE, name: Topics.incidentsChanged, message: 'IncidentChanged', key: 'The id of the incident.', writers: SERVICES, readers: ['log-query'] },
  { ...STREAM, name: Topics.eventsAccepted, message: 'EventAccepted', partitionedBy: 'The tenant; of an event with an ordering key, the tenant and that key.', writers: ['event-ingest', 'log-query'], readers: ['fanout', 'log-query'] },
  { ...STREAM, name: Topics.deliveriesRequested, message: 'DeliveriesRequested', partitionedBy: 'The ids of its hooks: a record names only hooks of its own partition, and a command goes to its hook\'s.', writers: ['fanout', 'log-query', 'registry'], readers: ['delivery', 'log-query'] },
  {
    ...STREAM,
    name: Topics.deliveryOutcomes,
    message: 'DeliveryOutcome',
    partitionedBy: 'The partition of the request that it answers; of an event that matched no hook, the id of the event.',
    writers: ['fanout', 'delivery', 'log-query'],
    readers: ['registry', 'delivery', 'log-query'],
  },
  { ...STREAM, name: Topics.inboundCalled, message: 'InboundCalled', partitionedBy: 'The tenant.', writers: ['event-ingest'], readers: ['log-query'] },
];
