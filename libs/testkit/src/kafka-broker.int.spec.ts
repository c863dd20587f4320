import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { startKafka, type KafkaCluster } from './kafka-broker.js';
import { askMetadata } from './kafka/kafka-metadata.js';

describe('a cluster of three brokers behind proxies', () => {
  let kafka: KafkaCluster;
  const portOf = (broker: number): number => Number(kafka.brokers[broker]?.split(':')[1]);
  beforeAll(async () => {
    kafka = await startKafka({ nodes: 3, proxied: true });
  });
  afterAll(() => kafka?.stop());

  it('is reached through its proxies only, and its brokers keep each other while nobody reaches them', async () => {
    expect(kafka.brokers).toEqual(kafka.proxies.map(({ port }) => `127.0.0.1:${port}`));
    for (const proxy of kafka.proxies) proxy.away();
    expect(await askMetadata(portOf(0), 'none')).toBeNull();
    // Longer than a broker may be silent before the others take it for dead.
    await new Promise((next) => setTimeout(next, 2_500));
    for (const proxy of kafka.proxies) proxy.heal();
    expect((await eventually(() => askMetadata(portOf(0), 'none'), 'an answer')).nodeIds).toHaveLength(3);
  });

  it('goes on with two of them after one was killed or has stopped in order', async () => {
    await kafka.kill9(0);
    await eventually(async () => (await askMetadata(portOf(1), 'none'))?.nodeIds.length === 2, 'the death of the first to be known');
    await kafka.restart(0);
    await kafka.inSync();
    await kafka.terminate(1);
    // It said good-bye itself, so nobody had to wait for its silence.
    expect((await eventually(() => askMetadata(portOf(2), 'none'), 'an answer')).nodeIds).toHaveLength(2);
    await kafka.restart(1);
  });
});
