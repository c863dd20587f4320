import { sharedServer } from './shared-servers.js';

/**
 * The broker that int specs share: `KAFKA_BROKERS` if it is set, else one that the run starts when the first spec asks.
 * Specs that hurt brokers start their own with `startKafka`.
 * @returns `stop` does nothing: the broker is the run's. Use topic names of your own.
 */
export async function sharedKafka(): Promise<{ readonly brokers: readonly string[]; stop(): Promise<void> }> {
  return { brokers: (await sharedServer('kafka')).split(','), stop: () => Promise.resolve() };
}
