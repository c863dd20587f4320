import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONTROL_TOKEN, startAllInOne, type AllInOne } from '../support/all-in-one.js';

let hooklane: AllInOne;
beforeAll(async () => void (hooklane = await startAllInOne()));
afterAll(() => hooklane.stop());

describe('POST /control/admin-keys', () => {
  it('makes another admin key, which works at once beside the first', async () => {
    const { status, body } = await hooklane.call('POST', '/control/admin-keys', undefined, { 'x-control-token': CONTROL_TOKEN });
    expect([status, body['key']]).toEqual([201, expect.stringMatching(/^hl_[A-Za-z0-9_-]{43}$/)]);
    for (const key of [body['key'] as string, hooklane.adminKey]) {
      expect(await hooklane.call('GET', '/v1/tenants', undefined, { authorization: `Bearer ${key}` })).toMatchObject({ status: 200 });
    }
  });

  it.each([undefined, 'another-token'])('is no route for whoever shows %p', async (token) => {
    expect(await hooklane.call('POST', '/control/admin-keys', undefined, token ? { 'x-control-token': token } : {})).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });
});
