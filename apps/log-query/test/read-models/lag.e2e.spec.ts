import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DeliveryOutcome, EventAccepted, Topics } from '@hooklane/contracts/topics';
import { eventMessage, outcomeMessage } from '../support/rows.js';
import { START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let log: LogUnderTest;

beforeAll(async () => {
  log = await startLog({ environment: { LOG_QUERY_FLUSH_AFTER_MS: '100', LOG_QUERY_REQUEST_HOLD_MS: '400' } });
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

const SECONDS = 3;
const EVENTS_A_TICK = 50;
const TICK_MS = 50;

async function behindSeconds(): Promise<number> {
  const text = await (await fetch(`${log.url}/metrics`)).text();
  return Number(/^hooklane_log_query_behind_seconds\{[^}]*\} (\S+)$/m.exec(text)?.[1]);
}

describe('Under load', () => {
  it('is at most 2 s behind the log, and says so in its metrics', async () => {
    const seen: number[] = [];
    let written = 0;
    for (let tick = 0; tick < (SECONDS * 1_000) / TICK_MS; tick += 1) {
      const atMs = Date.now();
      const records = Array.from({ length: EVENTS_A_TICK }, () => {
        const eventId = `evt_${written++}`;
        const event = EventAccepted.encode(eventMessage({ eventId, acceptedAtMs: atMs, sequence: written, data: Buffer.from(JSON.stringify("x".repeat(1_022))) })).finish();
        const outcome = DeliveryOutcome.encode(outcomeMessage({ eventId, hookId: 'hook_1', requestOffset: written, deliveryId: `dlv_0_${written}_hook_1`, eventAcceptedAtMs: atMs, atMs })).finish();
        return [{ topic: Topics.eventsAccepted, partition: 0, key: null, value: event }, { topic: Topics.deliveryOutcomes, partition: 0, key: null, value: outcome }];
      });
      await log.context.log.append(records.flat());
      seen.push(await behindSeconds());
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    const endedMs = Date.now();
    await log.until(`/v1/tenants/acme/events/evt_${written - 1}`, ({ status }) => status === 200);
    expect(Date.now() - endedMs).toBeLessThan(2_000);
    expect(seen.every((seconds) => seconds >= 0 && seconds < 2)).toBe(true);
    expect(Math.max(...seen)).toBeGreaterThan(0);
  });
});
