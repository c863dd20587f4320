import { timeOrderedIds, type IdSource } from '@hooklane/kernel';
import type { Admin, ConfigResourceTypes } from 'kafkajs';
import { kafkaClient } from '../cluster/kafka-client.js';
import type { KafkaConnectionSettings } from '../settings.js';
import { planTopics, type PlannedTopic, type TopicPlanSettings } from './plan-topics.js';

/** Node does not see `ConfigResourceTypes` among the names that kafkajs, a CommonJS package, exports. */
const TOPIC: ConfigResourceTypes.TOPIC = 2;

export interface TopicProblem {
  /** Without the prefix. */
  readonly topic: string;
  /** A sentence that says what is and what should be. */
  readonly problem: string;
}

export interface CreatedTopic {
  /** Without the prefix. */
  readonly topic: string;
  readonly partitions: number;
  /** New with every creation; that of `events.accepted` belongs into the catalog before anything reads it, so that offsets of a re-created topic never look like repeats. */
  readonly lineageId: string;
}

/**
 * Creates the topics that are missing. Those that exist are left as they are.
 * @returns what was created, and what is not as planned with the others
 * @throws AppError unsafe-replication; kafkajs's error when the brokers are away or refuse
 */
export async function ensureTopics(connection: KafkaConnectionSettings, settings: TopicPlanSettings, ids: IdSource = timeOrderedIds): Promise<{ readonly created: readonly CreatedTopic[]; readonly problems: readonly TopicProblem[] }> {
  const plan = planTopics(settings);
  return withAdmin(connection, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = plan.filter(({ physicalName }) => !existing.has(physicalName));
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map(({ physicalName, partitions, replicationFactor, config }) => ({
          topic: physicalName,
          numPartitions: partitions,
          replicationFactor,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        })),
      });
    }
    const created = missing.map(({ name, partitions }) => ({ topic: name, partitions, lineageId: ids.next('lin') }));
    return { created, problems: await findProblems(admin, plan) };
  });
}

/** Compares what is with what is planned, and changes nothing. */
export async function checkTopics(connection: KafkaConnectionSettings, settings: TopicPlanSettings): Promise<readonly TopicProblem[]> {
  return withAdmin(connection, (admin) => findProblems(admin, planTopics(settings)));
}

async function findProblems(admin: Admin, plan: readonly PlannedTopic[]): Promise<TopicProblem[]> {
  const existing = new Set(await admin.listTopics());
  const found = plan.filter(({ physicalName }) => existing.has(physicalName));
  const problems: TopicProblem[] = plan
    .filter(({ physicalName }) => !existing.has(physicalName))
    .map(({ name, physicalName }) => ({ topic: name, problem: `The topic ${physicalName} does not exist.` }));
  if (found.length === 0) return problems;
  const { topics } = await admin.fetchTopicMetadata({ topics: found.map(({ physicalName }) => physicalName) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: found.map(({ physicalName, config }) => ({ type: TOPIC, name: physicalName, configNames: Object.keys(config) })),
  });
  for (const planned of found) {
    const partitions = topics.find(({ name }) => name === planned.physicalName)?.partitions ?? [];
    const configs = resources.find(({ resourceName }) => resourceName === planned.physicalName)?.configEntries ?? [];
    problems.push(...differences(planned, partitions, new Map(configs.map(({ configName, configValue }) => [configName, configValue]))));
  }
  return problems;
}

function differences(planned: PlannedTopic, partitions: readonly { readonly replicas: readonly number[] }[], config: ReadonlyMap<string, string>): TopicProblem[] {
  const { name: topic, physicalName } = planned;
  const problems: TopicProblem[] = [];
  if (partitions.length !== planned.partitions) problems.push({ topic, problem: `${physicalName} has ${partitions.length} partitions; planned are ${planned.partitions}.` });
  const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
  if (copies < planned.replicationFactor) problems.push({ topic, problem: `${physicalName} has ${copies} copies of some partition; planned are ${planned.replicationFactor}.` });
  for (const [key, value] of Object.entries(planned.config)) {
    if (config.get(key) !== value) problems.push({ topic, problem: `${physicalName} has ${key}=${config.get(key) ?? '(unset)'}; planned is ${value}.` });
  }
  return problems;
}

async function withAdmin<T>(connection: KafkaConnectionSettings, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafkaClient(connection).admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
