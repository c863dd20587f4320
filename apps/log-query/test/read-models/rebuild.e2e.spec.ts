import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventAccepted } from '@hooklane/contracts/topics';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { PLATFORM_KEY, START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let database: TestDatabase;
let directory: string;
let log: LogUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  // Holds the master key, which the cursors are sealed with.
  directory = await mkdtemp(join(tmpdir(), 'hooklane-rebuild-'));
  log = await startLog({ databaseUrl: database.url, directory });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await log.stop();
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const paths = [
  'tenants/acme/events?limit=1000', 'tenants/acme/deliveries?limit=1000', 'tenants/acme/attempts?limit=1000', 'tenants/acme/deliveries?fate=skipped', 'tenants/acme/attempts?class=success',
  ...Array.from({ length: 30 }, (_, index) => `tenants/acme/events/evt_${index}`), 'tenants/acme/hooks/hook_2/missed?event=evt_3', 'incidents',
];

async function answers(): Promise<Record<string, unknown>> {
  const all = await Promise.all(paths.map(async (path) => [path, (await log.get(`/v1/${path}`, PLATFORM_KEY)).body] as const));
  return Object.fromEntries(all);
}

describe('Dropping and rebuilding the read models', () => {
  it('changes no answer, and neither does a restart', async () => {
    await log.hook({ hookId: 'hook_1' });
    await log.hook({ hookId: 'hook_2', eventTypes: ['invoice.*'] });
    await log.incident({ tenantId: 'acme' });
    for (let index = 0; index < 30; index += 1) {
      const event = await log.event({ eventId: `evt_${index}` });
      const { acceptedAtMs: eventAcceptedAtMs } = EventAccepted.decode(event.value);
      if (index % 5 === 4) {
        await log.outcome({ eventId: `evt_${index}`, hookId: '', deliveryId: '', attempt: undefined, fate: 'matched-nothing', eventAcceptedAtMs });
        continue;
      }
      const requestOffset = await log.request(event, ['hook_1'], { sourcePosition: index });
      if (index % 3 === 0) await log.request(event, ['hook_1'], { sourcePosition: index });
      const own = { eventId: `evt_${index}`, requestOffset, deliveryId: `dlv_0_${requestOffset}_hook_1`, eventAcceptedAtMs };
      if (index % 2 === 0) await log.outcome(own);
      else await log.outcome({ ...own, attempt: undefined, fate: 'skipped', fateReason: 'disabled' });
    }
    await log.until('/v1/tenants/acme/events/evt_29', ({ body }) => body.matching === 'matched-nothing');
    await log.until('/v1/tenants/acme/deliveries?limit=1000', ({ body }) => body.items.length === 24 && body.items.every(({ fate }: { fate: string }) => fate !== 'pending'));
    await log.until('/v1/incidents', ({ body }) => body.items.length === 1, PLATFORM_KEY);
    const before = await answers();

    await log.stop();
    log = await startLog({ databaseUrl: database.url, directory });
    expect(await answers()).toEqual(before);

    await log.stop();
    await inDatabase('TRUNCATE log_query.events, log_query.deliveries, log_query.attempts, log_query.unmatched, log_query.hook_versions, log_query.tenants, log_query.incidents, log_query.positions');
    log = await startLog({ databaseUrl: database.url, directory });
    await log.until('/v1/tenants/acme/events/evt_29', ({ body }) => body.matching === 'matched-nothing');
    await log.until('/v1/tenants/acme/deliveries?limit=1000', ({ body }) => body.items.length === 24 && body.items.every(({ fate }: { fate: string }) => fate !== 'pending'));
    await log.until('/v1/incidents', ({ body }) => body.items.length === 1, PLATFORM_KEY);
    await log.until('/v1/tenants/acme/hooks/hook_2/missed?event=evt_3', ({ body }) => body.verdict === 'not-matched');
    expect(await answers()).toEqual(before);
  }, START_TIMEOUT_MS * 2);
});

async function inDatabase(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
