import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startIngest, type IngestUnderTest } from '../ingest-service.js';

const EVENTS = '/v1/tenants/acme/events';

let ingest: IngestUnderTest;

beforeAll(async () => {
  ingest = await startIngest({ environment: { EVENT_INGEST_APPEND_TIMEOUT_MS: '300', EVENT_INGEST_DATABASE_TIMEOUT_MS: '300', EVENT_INGEST_ADMISSION_WAIT_MS: '300' } });
}, 60_000);

afterAll(() => ingest?.stop());

/** While `work` runs nobody can write to the tables whose schema is `schema`: to the service Postgres hangs. */
async function whileStuck<T>(schema: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ingest.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1`, [schema]);
    await client.query(`BEGIN; LOCK TABLE ${rows.map(({ name }) => name).join(', ')} IN ACCESS EXCLUSIVE MODE`);
    return await work();
  } finally {
    await client.query('ROLLBACK');
    await client.end();
  }
}

const publish = (fields = '') => ingest.post(EVENTS, `{"type":"a","data":1${fields}}`);
const countOf = async (id: string): Promise<number> => (await ingest.accepted()).filter(({ eventId }) => eventId === id).length;

describe('POST /v1/tenants/{tenant}/events', () => {
  it('answers 503 with Retry-After while the log cannot be written, and accepts again afterwards', async () => {
    const refused = await whileStuck('event_log', () => publish());
    expect([refused.status, refused.body.code, Number(refused.headers.get('retry-after')) >= 1]).toEqual([503, 'log-unavailable', true]);
    expect((await publish()).status).toBe(202);
  });

  it('answers 503 while the process is behind with what it has, writes nothing of it, and accepts again afterwards', async () => {
    let fullness = 1;
    ingest.context.load.source('spec', () => fullness);
    const before = (await ingest.accepted()).length;
    // What the process knows of its sources may be 10 ms old.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const refused = await publish();
    expect([refused.status, refused.body.code, Number(refused.headers.get('retry-after')) >= 1]).toEqual([503, 'overloaded', true]);
    expect(await ingest.accepted()).toHaveLength(before);
    const waiting = publish();
    await new Promise((resolve) => setTimeout(resolve, 50));
    fullness = 0;
    expect((await waiting).status).toBe(202);
  });

  it('accepts an event with an id once, although its publisher had to repeat it after a 503', async () => {
    const refused = await whileStuck('event_log', () => publish(',"id":"late"'));
    expect([refused.status, refused.body.code]).toEqual([503, 'log-unavailable']);
    let repeated = await publish(',"id":"late"');
    while (repeated.status === 503) repeated = await publish(',"id":"late"');
    expect([repeated.status, repeated.body.id]).toEqual([202, 'late']);
    expect(await countOf('late')).toBe(1);
  });

  it('refuses only events with an id or an idempotency key while claims cannot be stored', async () => {
    const [plain, withId, withKey] = await whileStuck('event_ingest', () => Promise.all([publish(), publish(',"id":"unclaimed"'), ingest.post(EVENTS, '{"type":"a","data":1}', { headers: { 'idempotency-key': 'k' } })]));
    expect([plain.status, withId.status, withId.body.code, withKey.body.code]).toEqual([202, 503, 'database-unavailable', 'database-unavailable']);
    expect(await countOf('unclaimed')).toBe(0);
    // What the lock held up was written behind our back: it is our own claim, and no other's.
    expect((await publish(',"id":"unclaimed"')).status).toBe(202);
    expect(await countOf('unclaimed')).toBe(1);
  }, 30_000);

  it('counts what it answered', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${ingest.service.httpPort}/metrics`)).text();
    expect(metrics).toMatch(/hooklane_ingest_total\{[^}]*result="accepted"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/hooklane_ingest_total\{[^}]*result="log-unavailable"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/hooklane_ingest_unavailable_total\{[^}]*\} [1-9]/);
  });
});
