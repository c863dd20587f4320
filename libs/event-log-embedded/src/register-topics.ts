import type pg from 'pg';
import { PartitionLog } from './partition-log.js';
import type { Report } from './report.js';
import { Topics, type EmbeddedTopic } from './topics.js';

/**
 * Makes the partitions of new topics. A topic that is there keeps the number it was made with, whatever is wanted now: keys would change their
 * partition otherwise, and with it their order. Where the partitions end is `loadEnds`.
 */
export async function registerTopics(client: pg.ClientBase, wanted: readonly EmbeddedTopic[], report: Report): Promise<Topics> {
  const { rows } = await client.query<StoredPartition>('SELECT id, topic, partition, first FROM event_log.partitions ORDER BY id');
  const stored = new Map<string, number[]>();
  for (const { id, topic, partition } of rows) {
    const ids = stored.get(topic) ?? [];
    ids[partition] = id;
    stored.set(topic, ids);
  }
  let nextId = Math.max(0, ...rows.map((row) => row.id)) + 1;
  const byName = new Map<string, PartitionLog[]>();
  for (const topic of wanted) {
    let ids = stored.get(topic.name);
    if (!ids) {
      ids = Array.from({ length: topic.partitions }, (_, index) => nextId + index);
      nextId += topic.partitions;
      await insertPartitions(client, topic.name, ids);
    }
    if (ids.length !== topic.partitions) {
      report('info', 'a topic keeps the number of partitions it was made with', { topic: topic.name, partitions: ids.length, wanted: topic.partitions });
    }
    byName.set(topic.name, ids.map((id, partition) => new PartitionLog(id, topic.name, partition, topic.compacted)));
  }
  const topics = new Topics(byName);
  for (const { id, first } of rows) {
    const log = topics.withId(id);
    if (log) log.first = Number(first);
  }
  return topics;
}

interface StoredPartition {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly first: string;
}

async function insertPartitions(client: pg.ClientBase, topic: string, ids: readonly number[]): Promise<void> {
  await client.query('INSERT INTO event_log.partitions (id, topic, partition) SELECT id, $2, n - 1 FROM unnest($1::int[]) WITH ORDINALITY u(id, n)', [ids, topic]);
}
