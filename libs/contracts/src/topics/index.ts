export * from '../gen/hooklane/topics/v1/topics.js';
export { boundOfBytes, boundOfNumbers, boundOfPair, boundOfText, FieldWriter } from './field-writer.js';
export type { TopicName, TopicSpec } from './topic-specs.js';
export { Topics, topicSpecs } from './topic-specs.js';
export { TopicReader } from './topic-reader.js';
