import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { appendContract } from './append.contract.js';
import { PATIENCE_MS, type EventLogHarness } from './harness.js';
import { subscribeContract } from './subscribe.contract.js';

/**
 * What every adapter of the log port must do. An adapter's int spec calls it with a maker of a fresh log that has `contractTopics`;
 * the tests share that log (a topic each), because on Kafka a log is dear.
 */
export function eventLogContract(name: string, makeHarness: () => Promise<EventLogHarness>): void {
  describe(`event log contract: ${name}`, () => {
    jest.setTimeout(2 * PATIENCE_MS);
    let harness: EventLogHarness;
    beforeAll(async () => {
      harness = await makeHarness();
    }, 2 * PATIENCE_MS);
    afterAll(() => harness?.dispose());
    appendContract(() => harness);
    subscribeContract(() => harness);
  });
}
