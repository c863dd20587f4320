import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KEY, OTHER_KEY, PLATFORM_KEY, PUBLISHER_KEY, START_TIMEOUT_MS, startLog, type LogUnderTest } from '../support/log-service.js';

let log: LogUnderTest;
const paths = ['events', 'events/evt_1', 'deliveries', 'deliveries/dlv_0_0_hook_1', 'attempts', 'attempts/att_1', 'hooks/hook_1/missed?event=evt_1', 'tail'];

beforeAll(async () => {
  log = await startLog();
  await log.hook({});
  const event = await log.event({});
  await log.request(event, ['hook_1']);
  await log.outcome({ eventAcceptedAtMs: Date.now() });
  await log.until('/v1/tenants/acme/attempts/att_1', ({ status }) => status === 200);
}, START_TIMEOUT_MS);

afterAll(() => log.stop());

describe('Tenants never meet', () => {
  it.each(paths)('another tenant\'s key gets 404 of %s', async (path) => {
    const { status, body } = await log.get(`/v1/tenants/acme/${path}`, OTHER_KEY);
    expect([status, body.code]).toEqual([404, 'not-found']);
  });

  it.each(['events/evt_1', 'deliveries/dlv_0_0_hook_1', 'attempts/att_1', 'hooks/hook_1/missed?event=evt_1'])('its own tenant does not have the other one\'s %s', async (path) => {
    expect((await log.get(`/v1/tenants/other/${path}`, OTHER_KEY)).status).toBe(404);
    expect((await log.get(`/v1/tenants/other/${path}`, PLATFORM_KEY)).status).toBe(404);
  });

  it('its own lists are empty', async () => {
    for (const list of ['events', 'deliveries', 'attempts']) expect((await log.get(`/v1/tenants/other/${list}`, OTHER_KEY)).body.items).toEqual([]);
  });

  it('a platform key gets 404 of a tenant that is not there', async () => {
    expect((await log.get('/v1/tenants/nobody/events', PLATFORM_KEY)).status).toBe(404);
  });

  it('a key without the scope gets 403, no key 401', async () => {
    expect((await log.get('/v1/tenants/acme/events', PUBLISHER_KEY)).body.code).toBe('missing-scope');
    expect((await log.get('/v1/tenants/acme/events', null)).body.code).toBe('unauthenticated');
    expect((await log.get('/v1/tenants/acme/events', KEY)).status).toBe(200);
  });
});
