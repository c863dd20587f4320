export * from '../gen/hooklane/topics/v1/topics.js';
export { decodeEventAccepted, encodeEventAccepted } from './event-record.js';
export { FieldReader } from './field-reader.js';
export { boundOfBytes, boundOfNumbers, boundOfPair, boundOfTexts, FieldWriter } from './field-writer.js';
export type { AttemptHealth, OutcomeHealth } from './outcome-health.js';
export { decodeOutcomeHealth } from './outcome-health.js';
export { decodeDeliveriesRequested, encodeDeliveryRequest } from './request-record.js';
export type { TopicName, TopicSpec } from './topic-specs.js';
export { Topics, topicSpecs } from './topic-specs.js';
