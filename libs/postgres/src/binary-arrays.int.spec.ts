import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import pg from 'pg';
import { bigintArray, booleanArray, byteaArray, float8Array, int4Array, textArray } from './binary-arrays.js';

describe('arrays in binary form', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  }, 60_000);

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it.each([
    ['int4', int4Array([0, -1, 2_147_483_647, null]), [0, -1, 2_147_483_647, null]],
    ['int8', bigintArray([0, -1, Number.MAX_SAFE_INTEGER, -(2 ** 40), null]), ['0', '-1', String(Number.MAX_SAFE_INTEGER), String(-(2 ** 40)), null]],
    ['float8', float8Array([0.1, -1e300, null]), [0.1, -1e300, null]],
    ['bool', booleanArray([true, false, null]), [true, false, null]],
    ['text', textArray(['', 'é漢🙂', '{"a":1}', null]), ['', 'é漢🙂', '{"a":1}', null]],
    ['bytea', byteaArray([Buffer.from([0, 1, 255]), Buffer.alloc(0), null]), [Buffer.from([0, 1, 255]), Buffer.alloc(0), null]],
  ])('arrive as they were given: %s', async (type, parameter, expected) => {
    const { rows } = await client.query<{ value: unknown }>(`SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS u(value, n) ORDER BY n`, [parameter]);
    expect(rows.map(({ value }) => value)).toEqual(expected);
  });

  it('may be empty', async () => {
    const { rows } = await client.query('SELECT * FROM unnest($1::text[])', [textArray([])]);
    expect(rows).toEqual([]);
  });
});
