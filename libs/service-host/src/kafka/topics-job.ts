import { CatalogChanged, topicSpecs, Topics } from '@hooklane/contracts/topics';
import { checkTopics, ensureTopics, openKafkaLog, printTopics, type TopicPlanSettings } from '@hooklane/event-log-kafka';
import type { EventLog } from '@hooklane/event-log';
import { AppError, timeOrderedIds } from '@hooklane/kernel';
import { lineageRecord } from '../bindings/topic-lineage.js';
import { retrying } from '../bindings/retrying.js';
import type { CommandContext } from '../process/bindings.js';
import { readConfig } from '../process/process-config.js';
import { kafkaSettings } from './connection-settings.js';
import { topicsJobConfig, type TopicsJobConfig } from './distributed.config.js';

const CLOSE_TIMEOUT_MS = 10_000;

/**
 * `main.js topics`: creates the topics that are missing, and names the lineage of a new `events.accepted`.
 * `--print` writes the commands for a cluster where we may not; `--check` compares and changes nothing, and fails if something differs.
 */
export async function topicsJob(context: CommandContext): Promise<void> {
  const config = readConfig(topicsJobConfig, context.environment);
  const plan = planSettings(config);
  if (context.args.includes('--print')) return void process.stdout.write(printTopics(plan));
  const connection = kafkaSettings(config, 'hooklane-topics', context.logger);
  if (context.args.includes('--check')) {
    const problems = await checkTopics(connection, plan);
    if (problems.length > 0) throw new AppError('topics-differ', problems.map(({ problem }) => problem).join('\n'));
    return void process.stdout.write('All topics are as planned.\n');
  }
  const worker = { ready: () => undefined, notReady: (reason: string) => context.logger.warn('waiting for the brokers', { reason }) };
  const { created, problems } = await retrying(() => ensureTopics(connection, plan), (error) => !(error instanceof AppError), worker, context.stopping);
  for (const { topic, partitions } of created) context.logger.info('topic created', { topic, partitions });
  for (const { problem } of problems) context.logger.warn(problem);
  await nameLineage(config, context, created.some(({ topic }) => topic === Topics.eventsAccepted));
}

function planSettings(config: TopicsJobConfig): TopicPlanSettings {
  return {
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    topics: topicSpecs,
    partitions: config.HOOKLANE_PARTITIONS,
    replicationFactor: config.HOOKLANE_REPLICATION_FACTOR,
    minInsyncReplicas: config.HOOKLANE_MIN_INSYNC_REPLICAS,
    allowSingleCopy: config.HOOKLANE_ALLOW_SINGLE_COPY,
  };
}

/** Also for topics made by hand, and after a run that ended between the topics and the name. */
async function nameLineage(config: TopicsJobConfig, { logger, stopping }: CommandContext, isNew: boolean): Promise<void> {
  const log = await openKafkaLog({ ...kafkaSettings(config, 'hooklane-topics', logger), topicPrefix: config.KAFKA_TOPIC_PREFIX, topics: topicSpecs, signal: stopping });
  try {
    if (!isNew && (await isNamed(log))) return;
    const record = lineageRecord(log, timeOrderedIds, Date.now());
    await log.append([record]);
    logger.info('lineage named', { topic: Topics.eventsAccepted });
  } finally {
    await log.close(CLOSE_TIMEOUT_MS);
  }
}

async function isNamed(log: EventLog): Promise<boolean> {
  const [bound] = await log.bounds(Topics.catalogChanged);
  if (!bound) return false;
  for await (const records of log.read({ topic: Topics.catalogChanged, partition: 0, from: bound.first, to: bound.next })) {
    for (const { value } of records) {
      const { entry } = CatalogChanged.decode(value);
      if (entry?.$case === 'lineage' && entry.value.topic === Topics.eventsAccepted) return true;
    }
  }
  return false;
}
