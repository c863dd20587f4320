export type { ContractTopic, EventLogHarness } from './harness.js';
export { contractTopics } from './harness.js';
export { eventLogContract } from './event-log.contract.js';
