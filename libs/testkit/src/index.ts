export type { KafkaCluster, KafkaOptions } from './kafka-broker.js';
export { sharedKafka, startKafka } from './kafka-broker.js';
