export * from '../gen/hooklane/topics/v1/topics.js';
export type { TopicName, TopicSpec } from './topic-specs.js';
export { Topics, topicSpecs } from './topic-specs.js';
