import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { ConsumerRunner, type ConsumerProblem, type EventLog, type TopicConsumer } from '@hooklane/event-log';
import { toAppError } from '@hooklane/kernel';
import type { Counter, Gauge, Logger, Metrics } from '@hooklane/telemetry';
import { isObservable, lastValueFrom, type Observable } from 'rxjs';
import { LOG_TRANSPORT, parseConsumerPattern, type ConsumerRole, type ConsumesTopicOptions } from '../consumes-topic.js';
import type { Health } from '../service-module.js';
import type { Incidents } from './incidents.js';

export interface LogTransportSettings {
  readonly log: EventLog;
  readonly incidents: Incidents;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

type ConsumerMethods = Partial<Record<ConsumerRole, MessageHandler>>;

/** The Nest transport that hands the log's batches to `@ConsumesTopic` methods: one a process, with a ConsumerRunner for each consumer. */
export class LogTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = LOG_TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  private readonly runners: ConsumerRunner[] = [];
  private readonly problems: Counter;
  private readonly lag: Gauge;

  constructor(private readonly settings: LogTransportSettings) {
    super();
    this.problems = settings.metrics.counter('consumer_problems_total', 'Batches that did not simply succeed, by what happened', ['group', 'kind']);
    this.lag = settings.metrics.gauge('consumer_lag', 'Records known to exist that the consumer has not handled, by partition', ['group', 'partition']);
  }

  /** Subscribes; does not wait for partitions, which is what health is for. */
  listen(callback: (error?: unknown) => void): void {
    for (const [group, methods] of this.consumers()) this.start(group, methods);
    callback();
  }

  async close(): Promise<void> {
    await Promise.all(this.runners.splice(0).map((runner) => runner.close()));
  }

  override on(): never {
    throw new Error('The log transport has no events of its own.');
  }

  override unwrap<T>(): T {
    return this.settings.log as T;
  }

  private consumers(): Map<string, ConsumerMethods> {
    const consumers = new Map<string, ConsumerMethods>();
    for (const [pattern, method] of this.messageHandlers) {
      if (method.next) throw new Error(`Two methods of this process are marked "${pattern}".`);
      const { service, topic, role } = parseConsumerPattern(pattern);
      const methods = consumers.get(`${service}.${topic}`) ?? {};
      methods[role] = method;
      consumers.set(`${service}.${topic}`, methods);
    }
    return consumers;
  }

  private start(group: string, methods: ConsumerMethods): void {
    const service = group.slice(0, group.indexOf('.'));
    const topic = group.slice(service.length + 1);
    const { log, incidents, health } = this.settings;
    const worker = health.worker(`${service} reading ${topic}`);
    const runner = new ConsumerRunner({
      log,
      group,
      topics: [topic],
      mode: 'share',
      ...(methods.handle?.extras as ConsumesTopicOptions | undefined),
      consumer: measured(consumerOf(group, methods), (partition) => this.lag.labels(group, String(partition))),
      deadLetter: (letters) => incidents.deadLetter(service, letters),
      report: (problem) => this.report(service, group, problem),
      health: ({ ready, reason }) => (ready ? worker.ready() : worker.notReady(reason)),
    });
    runner.started.catch((error: unknown) => worker.notReady(toAppError(error).message));
    this.runners.push(runner);
  }

  private report(service: string, group: string, problem: ConsumerProblem): void {
    this.problems.labels(group, problem.kind).inc();
    const { kind, ...fields } = problem;
    const error = 'error' in problem ? toAppError(problem.error) : undefined;
    // The first tries of a batch are the ordinary course of an outage.
    const level = kind === 'dropped' || kind === 'retry' ? 'info' : kind === 'stopped' || kind === 'dead-lettered' ? 'error' : 'warn';
    this.settings.logger[level](`consumer ${kind}`, { group, ...fields, ...(error ? { error: error.message, stack: error.stack } : {}) });
    if (problem.kind === 'stopped') {
      // Not awaited: while the log cannot be written the append waits for it, and the partition stands still anyway.
      this.settings.incidents.stopped(service, problem.failure).catch((failure: unknown) => this.settings.logger.error('incident not stored', { group, error: toAppError(failure).message }));
    }
  }
}

function consumerOf(group: string, methods: ConsumerMethods): TopicConsumer {
  const { handle, assigned, revoked } = methods;
  if (!handle) throw new Error(`${group} has no method marked @ConsumesTopic.`);
  return {
    handle: (batch) => resultOf(handle(batch)),
    ...(assigned ? { assigned: (partitions, committed) => resultOf(assigned(partitions, committed)) } : {}),
    ...(revoked ? { revoked: (partitions) => resultOf<void>(revoked(partitions)) } : {}),
  };
}

/** Children of the gauge are looked up once a partition: this runs for every batch. */
function measured(consumer: TopicConsumer, gaugeOf: (partition: number) => { set(value: number): void }): TopicConsumer {
  const gauges = new Map<number, { set(value: number): void }>();
  return {
    ...consumer,
    handle: async (batch) => {
      let gauge = gauges.get(batch.partition);
      if (!gauge) gauges.set(batch.partition, (gauge = gaugeOf(batch.partition)));
      const last = batch.records[batch.records.length - 1];
      const behind = last ? batch.endOffset - last.offset - 1 : 0;
      gauge.set(behind + batch.records.length);
      const result = await consumer.handle(batch);
      if (result.kind !== 'retry') gauge.set(behind);
      return result;
    },
  };
}

/** Nest wraps what a handler returns into an observable. */
async function resultOf<T>(returned: Promise<Observable<unknown>> | Promise<unknown> | unknown): Promise<T> {
  const value = await returned;
  return (isObservable(value) ? await lastValueFrom(value, { defaultValue: undefined }) : value) as T;
}
