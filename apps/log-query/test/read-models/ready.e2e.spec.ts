import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted, Topics } from '@hooklane/contracts/topics';
import { openDatabase } from '@hooklane/postgres';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import { emptyReadModels } from '../../src/adapters/empty-read-models.pg.js';
import { eventMessage } from '../support/rows.js';
import { START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let database: TestDatabase;
let directory: string;
let log: LogUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  directory = await mkdtemp(join(tmpdir(), 'hooklane-ready-'));
  log = await startLog({ databaseUrl: database.url, directory });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await log.stop();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const EVENTS = 20_000;
const A_CALL = 1_000;
/** Fewer records than this may still be on their way when it says that it is ready. */
const USUAL_LAG = 1_000;

describe('Read models that are being built', () => {
  it('keep the process from being ready until they have nearly everything that was in the log', async () => {
    const acceptedAtMs = Date.now();
    for (let from = 0; from < EVENTS; from += A_CALL) {
      const records = Array.from({ length: A_CALL }, (_, index) => EventAccepted.encode(eventMessage({ eventId: `evt_${from + index}`, acceptedAtMs, sequence: from + index + 1 })).finish());
      await log.context.log.append(records.map((value) => ({ topic: Topics.eventsAccepted, partition: 0, key: null, value })));
    }
    await log.until(`/v1/tenants/acme/events/evt_${EVENTS - 1}`, ({ status }) => status === 200);
    await log.stop();
    const opened = openDatabase({ url: database.url, tls: 'disable' }, () => undefined);
    await emptyReadModels(opened);
    await opened.close();
    log = await startLog({ databaseUrl: database.url, directory });
    expect(await log.get(`/v1/tenants/acme/events/evt_${EVENTS - USUAL_LAG - 1}`)).toMatchObject({ status: 200 });
  }, START_TIMEOUT_MS * 2);
});
