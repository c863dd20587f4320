export type { DistributedConfig } from './distributed.config.js';
export { distributedConfig } from './distributed.config.js';
export { kafkaBindings } from './kafka-bindings.js';
