import { describe, expect, it } from '@jest/globals';
import { planTopics, printTopics, type TopicPlanSettings } from './plan-topics.js';

const settings: TopicPlanSettings = {
  topicPrefix: 'staging.',
  topics: [
    { name: 'hooks.changed', shape: 'table', retentionMs: null },
    { name: 'events.accepted', shape: 'stream', retentionMs: 604_800_000 },
  ],
  partitions: 48,
  replicationFactor: 3,
  minInsyncReplicas: 2,
  allowSingleCopy: false,
};

describe('planTopics', () => {
  it('gives a table one partition and compaction, and a stream its partitions and retention', () => {
    const [table, stream] = planTopics(settings);
    expect(table).toMatchObject({ physicalName: 'staging.hooks.changed', partitions: 1, config: { 'cleanup.policy': 'compact', 'min.insync.replicas': '2' } });
    expect(stream).toMatchObject({ physicalName: 'staging.events.accepted', partitions: 48, config: { 'cleanup.policy': 'delete', 'retention.ms': '604800000' } });
  });

  it.each([
    { replicationFactor: 1, minInsyncReplicas: 1 },
    { replicationFactor: 3, minInsyncReplicas: 1 },
    { replicationFactor: 2, minInsyncReplicas: 3 },
  ])('refuses what loses acknowledged events or cannot work: %j', (unsafe) => {
    expect(() => planTopics({ ...settings, ...unsafe })).toThrow(expect.objectContaining({ code: 'unsafe-replication' }));
  });

  it('allows a single copy only where the setting says so', () => {
    expect(planTopics({ ...settings, replicationFactor: 1, minInsyncReplicas: 1, allowSingleCopy: true })).toHaveLength(2);
  });

  it('prints a command for each topic, for clusters where we may not create them', () => {
    const lines = printTopics(settings).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('--topic staging.events.accepted --partitions 48 --replication-factor 3');
  });
});
