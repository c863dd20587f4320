import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAllInOne, type AllInOne } from '../support/all-in-one.js';

let hooklane: AllInOne;
beforeAll(async () => void (hooklane = await startAllInOne()));
afterAll(() => hooklane.stop());

describe('the inbox', () => {
  it.each([
    ['a name it does not take', '/inbox/a%20b', { secret: 'x' }],
    ['an unknown field', '/inbox/a', { sceret: 'x' }],
    ['a status that is none', '/inbox/a', { answer: { status: 99 } }],
  ])('refuses %s', async (_, path, body) => {
    expect(await hooklane.call('PUT', path, body)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });
});
