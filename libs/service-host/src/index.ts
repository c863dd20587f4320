export type { Health, ServiceContext, ServiceModule, ServiceName, TargetPolicySettings, WorkerHealth } from './service-module.js';
export type { HandlerResult, TopicConsumer } from './consumes-topic.js';
