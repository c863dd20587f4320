import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

describe('a change that the log has not taken (promise 10)', () => {
  let registry: RegistryUnderTest;
  beforeAll(async () => {
    registry = await startRegistry({ HOOKLANE_CHANGE_TIMEOUT_MS: '300' });
    await registry.tenant('acme');
  });
  afterAll(() => registry.stop());

  it('is answered 503 change-not-yet-effective with id and version; the same request again gets the first answer when it is in effect', async () => {
    const blocker = new pg.Client({ connectionString: registry.databaseUrl });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE event_log.table_records IN ACCESS EXCLUSIVE MODE');
    const create = () => registry.call('POST', '/v1/tenants/acme/hooks', { body: { name: 'n', url: 'https://a.example' }, headers: { 'idempotency-key': 'one' } });
    // Whatever it says: unlock before looking, or the service could never stop.
    const refused = await create();
    const repeated = await create();
    await blocker.query('ROLLBACK');
    await blocker.end();
    expect(refused).toMatchObject({ status: 503, body: { code: 'change-not-yet-effective', id: expect.stringMatching(/^hook_/), version: 1 } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(repeated).toMatchObject({ status: 503, body: { id: refused.body.id } });
    const answered = await create();
    expect(answered).toMatchObject({ status: 201, body: { id: refused.body.id, secret: expect.stringMatching(/^whsec_/) } });
    expect((await registry.call('GET', '/v1/tenants/acme/hooks')).body.items).toHaveLength(1);
    await registry.context.directory.caughtUp();
    expect(registry.context.directory.hook(refused.body.id)).toMatchObject({ version: 1 });
  });
});
