import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startKafka, type KafkaCluster } from '@hooklane/testkit';
import { openKafkaLog } from '../open-kafka-log.js';
import type { KafkaConnectionSettings, KafkaLogEntry, KafkaTopic } from '../settings.js';
import { ensureTopics } from '../topics/manage-topics.js';

jest.setTimeout(60_000);

const topics: KafkaTopic[] = [{ name: 'secure', shape: 'stream', retentionMs: 3_600_000 }];
const PASSWORD = 'correct-horse-battery';

describe('a broker that wants TLS and a password', () => {
  let kafka: KafkaCluster;
  let connection: KafkaConnectionSettings;
  const logged: KafkaLogEntry[] = [];
  beforeAll(async () => {
    kafka = await startKafka({ secure: { username: 'hooklane', password: PASSWORD } });
    connection = {
      brokers: kafka.secure?.brokers ?? [],
      clientId: 'secure',
      sasl: { mechanism: 'plain', username: 'hooklane', password: PASSWORD },
      tls: { ca: kafka.secure?.ca },
      onLog: (entry) => logged.push(entry),
    };
    await ensureTopics(connection, { topicPrefix: '', topics, partitions: 1, replicationFactor: 1, minInsyncReplicas: 1, allowSingleCopy: true });
  });
  afterAll(() => kafka?.stop());

  it('is written to and read from', async () => {
    const log = await openKafkaLog({ ...connection, topicPrefix: '', topics });
    await log.append([{ topic: 'secure', partition: 0, key: null, value: Buffer.from('a') }]);
    const read = await new Promise<string>((done) => {
      log.subscribe({
        group: 'secure',
        topics: ['secure'],
        mode: 'share',
        assigned: (partitions) => Promise.resolve(partitions.map(() => 'beginning' as const)),
        revoked: () => Promise.resolve(),
        handle: (batch) => Promise.resolve(done(String(batch.records[0]?.value))),
        failed: () => undefined,
      });
    });
    expect(read).toBe('a');
    await log.close(1_000);
  });

  it.each([
    ['a certificate that nobody vouches for', { tls: {} }],
    ['a wrong password', { sasl: { mechanism: 'plain' as const, username: 'hooklane', password: 'wrong-password' } }],
  ])('is not opened with %s, says why, and never logs a password', async (_what, change) => {
    const giveUp = new AbortController();
    const reasons: string[] = [];
    const opening = openKafkaLog({
      ...connection,
      ...change,
      topicPrefix: '',
      topics,
      signal: giveUp.signal,
      onWaiting: (reason) => {
        reasons.push(reason);
        giveUp.abort();
      },
    });
    await expect(opening).rejects.toMatchObject({ code: 'not-ready' });
    expect(reasons[0]).toMatch(/certificate|authentication/i);
    expect(JSON.stringify(logged)).not.toMatch(/correct-horse|wrong-password/);
  });
});
