import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventuallyPasses } from '@hooklane/testkit';
import { call, must, type Answer } from '../src/platform/client.js';
import { startEmbeddedPlatform } from '../src/platform/embedded-platform.js';
import type { Platform } from '../src/platform/platform.js';

const EVENT = { id: 'order-1', type: 'order.paid', data: 1 };

describe('a process that dies while it accepts an event with an id, embedded', () => {
  let platform: Platform;

  beforeAll(async () => {
    // So long that whoever waited for the lease would not be answered in this spec.
    platform = await startEmbeddedPlatform({ env: { EVENT_INGEST_CLAIM_LEASE_MS: '300000' } });
    await must(platform, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
  }, 120_000);

  afterAll(() => platform?.stop(), 60_000);

  const publish = (): Promise<Answer> => call(platform, 'POST', '/v1/tenants/acme/events', EVENT);

  it('leaves a claim that the next start does not wait for: the same request is accepted at once', async () => {
    const database = new pg.Client({ connectionString: platform.databaseUrl() });
    // It is told when the Postgres goes away with the process.
    database.on('error', () => undefined);
    await database.connect();
    await database.query('BEGIN');
    // Nothing gets into the log from here on, so the process dies between the claim and the append.
    const { rows: segments } = await database.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'event_log' AND tablename ~ '^records_[0-9]+$'");
    await database.query(`LOCK TABLE ${segments.map(({ name }) => `event_log.${name}`).join(', ')} IN EXCLUSIVE MODE`);
    const unanswered = publish().then(() => 'answered', () => 'unanswered');
    await eventuallyPasses(async () => {
      const { rows } = await database.query<{ settled: boolean }>(`SELECT settled FROM event_ingest.claims WHERE claim_key = 'id:${EVENT.id}'`);
      expect(rows).toEqual([{ settled: false }]);
    });
    await platform.kill('all-in-one');
    expect(await unanswered).toBe('unanswered');
    // Its session waits for the lock and would still write once that is free: the event would stand there twice, as after a death behind the append.
    await database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hooklane-event-log-writer'");
    await database.end().catch(() => undefined);
    await platform.restart('all-in-one');
    expect(await publish()).toMatchObject({ status: 202, body: { id: EVENT.id } });
    await eventuallyPasses(async () => {
      const { items } = await must<{ items: { id: string }[] }>(platform, 'GET', '/v1/tenants/acme/events');
      expect(items.map(({ id }) => id)).toEqual([EVENT.id]);
    });
  });
});
