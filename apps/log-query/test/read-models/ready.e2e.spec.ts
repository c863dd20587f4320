import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted, Topics } from '@hooklane/contracts/topics';
import { eventMessage } from '../support/rows.js';
import { START_TIMEOUT_MS, startLastingLog, type LastingLog } from '../support/log-service.js';

let lasting: LastingLog;

beforeAll(async () => {
  lasting = await startLastingLog();
}, START_TIMEOUT_MS);

afterAll(() => lasting.stop());

const EVENTS = 20_000;
const A_CALL = 1_000;
/** Fewer records than this may still be on their way when it says that it is ready. */
const USUAL_LAG = 1_000;

describe('Read models that are being built', () => {
  it('keep the process from being ready until they have nearly everything that was in the log', async () => {
    const acceptedAtMs = Date.now();
    for (let from = 0; from < EVENTS; from += A_CALL) {
      const records = Array.from({ length: A_CALL }, (_, index) => EventAccepted.encode(eventMessage({ eventId: `evt_${from + index}`, acceptedAtMs, sequence: from + index + 1 })).finish());
      await lasting.log.context.log.append(records.map((value) => ({ topic: Topics.eventsAccepted, partition: 0, key: null, value })));
    }
    await lasting.log.until(`/v1/tenants/acme/events/evt_${EVENTS - 1}`, ({ status }) => status === 200);
    await lasting.rebuild();
    expect(await lasting.log.get(`/v1/tenants/acme/events/evt_${EVENTS - USUAL_LAG - 1}`)).toMatchObject({ status: 200 });
  }, START_TIMEOUT_MS * 2);
});
