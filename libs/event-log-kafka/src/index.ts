export type { KafkaConnectionSettings, KafkaLogEntry, KafkaLogSettings, KafkaTopic, RejectedAppend } from './settings.js';
export { openKafkaLog } from './open-kafka-log.js';
export type { CreatedTopic, TopicProblem } from './topics/manage-topics.js';
export { checkTopics, ensureTopics } from './topics/manage-topics.js';
export type { PlannedTopic, TopicPlanSettings } from './topics/plan-topics.js';
export { planTopics, printTopics } from './topics/plan-topics.js';
