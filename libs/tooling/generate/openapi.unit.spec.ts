import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { root } from '../driver/root.js';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Readonly<Record<string, { readonly headers?: object }>>;
}

const { paths } = JSON.parse(readFileSync(`${root}/docs/openapi.json`, 'utf8')) as { paths: Record<string, Record<string, Operation>> };
const operations = Object.values(paths).flatMap((methods) => Object.entries(methods).map(([method, operation]) => ({ method, ...operation })));
const namesOf = (found: readonly Operation[]): string[] => found.map(({ operationId }) => operationId);

describe('the OpenAPI document', () => {
  it('offers an Idempotency-Key on every POST', () => {
    const posts = operations.filter(({ method }) => method === 'post');
    expect(posts.length).toBeGreaterThan(10);
    expect(namesOf(posts.filter(({ parameters }) => !parameters.some((parameter) => parameter.in === 'header' && parameter.name === 'Idempotency-Key')))).toEqual([]);
  });

  it('offers a reason and a request id wherever the history keeps them', () => {
    const changes = operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'Hooklane-Reason'));
    expect(namesOf(changes)).toEqual(expect.arrayContaining(['createHook', 'deleteHook', 'deleteTenant']));
    expect(namesOf(changes.filter(({ method, parameters }) => method === 'get' || !parameters.some(({ name }) => name === 'X-Request-Id')))).toEqual([]);
  });

  it('says with every 201 where it is what was made', () => {
    const creations = operations.filter(({ responses }) => '201' in responses);
    expect(creations.length).toBeGreaterThan(5);
    expect(namesOf(creations.filter(({ responses }) => !('Location' in (responses['201']?.headers ?? {}))))).toEqual([]);
  });
});
