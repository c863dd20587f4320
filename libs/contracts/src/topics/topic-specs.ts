/** Topic names without the configurable prefix. Past participles: what happened. */
export const Topics = {
  hooksChanged: 'hooks.changed',
  catalogChanged: 'catalog.changed',
  eventsAccepted: 'events.accepted',
  deliveriesRequested: 'deliveries.requested',
  deliveryOutcomes: 'delivery.outcomes',
  keysUsed: 'keys.used',
  incidentsChanged: 'incidents.changed',
} as const;

export type TopicName = (typeof Topics)[keyof typeof Topics];

export interface TopicSpec {
  readonly name: TopicName;
  /** A table keeps the newest record of each key and has one partition, so that reading it to its end is one question; a stream has as many as the platform has (8 embedded, 48 distributed by default). */
  readonly shape: 'table' | 'stream';
  /** Streams only. How long records stay in the log, in milliseconds. */
  readonly retentionMs: number | null;
}

const DAY_MS = 86_400_000;

export const topicSpecs: readonly TopicSpec[] = [
  { name: Topics.hooksChanged, shape: 'table', retentionMs: null },
  { name: Topics.catalogChanged, shape: 'table', retentionMs: null },
  { name: Topics.keysUsed, shape: 'table', retentionMs: null },
  { name: Topics.incidentsChanged, shape: 'table', retentionMs: null },
  // A consumer that was down longer than this has lost records, and says so with an incident.
  { name: Topics.eventsAccepted, shape: 'stream', retentionMs: 7 * DAY_MS },
  { name: Topics.deliveriesRequested, shape: 'stream', retentionMs: 7 * DAY_MS },
  { name: Topics.deliveryOutcomes, shape: 'stream', retentionMs: 7 * DAY_MS },
];
