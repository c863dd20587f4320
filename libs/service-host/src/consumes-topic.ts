import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { ServiceName } from './service-module.js';

// The types belong to the log port; services import them, with the method decorators, from here.
export type { CommitWish, DeadLetter, HandedBatch, HandlerResult, TopicConsumer } from '@hooklane/event-log';

/** Marks handlers of the log among those of other transports. */
export const LOG_TRANSPORT = Symbol('hooklane log');

export type ConsumerRole = 'handle' | 'assigned' | 'revoked';

export interface ConsumesTopicOptions {
  /** How long records may wait for company behind the batch before them (`SubscribeOptions.gatherMs`). For what nobody waits for: each question to Kafka costs. */
  readonly gatherMs?: number;
}

/**
 * On `handle(batch: RecordBatch): Promise<HandlerResult>` of a `TopicConsumer`, which is a Nest controller in `<topic>.consumer.ts`.
 * The consumer group is `<service>.<topic>`; acting on the result is the ConsumerRunner's.
 */
export function ConsumesTopic(service: ServiceName, topic: string, options: ConsumesTopicOptions = {}): MethodDecorator {
  return consumerMethod(service, topic, 'handle', options);
}

/** On `assigned(partitions, committed): Promise<readonly StartPosition[]>`. */
export function TopicAssigned(service: ServiceName, topic: string): MethodDecorator {
  return consumerMethod(service, topic, 'assigned');
}

/** On `revoked(partitions): Promise<void>`. */
export function TopicRevoked(service: ServiceName, topic: string): MethodDecorator {
  return consumerMethod(service, topic, 'revoked');
}

/** @returns the pattern under which the log transport finds the method. */
function consumerPattern(service: string, topic: string, role: ConsumerRole): string {
  return `${service} ${topic} ${role}`;
}

export function parseConsumerPattern(pattern: string): { service: string; topic: string; role: ConsumerRole } {
  const [service = '', topic = '', role = ''] = pattern.split(' ');
  return { service, topic, role: role as ConsumerRole };
}

function consumerMethod(service: ServiceName, topic: string, role: ConsumerRole, options: ConsumesTopicOptions = {}): MethodDecorator {
  return (target, key, descriptor) => {
    // Nest hands a message handler its payload only, unless the parameters say otherwise; `assigned` has two.
    Payload()(target, key, 0);
    if (role === 'assigned') Ctx()(target, key, 1);
    return EventPattern(consumerPattern(service, topic, role), LOG_TRANSPORT, options)(target, key as never, descriptor as never) as never;
  };
}
