import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository.js';

export interface ApiRoute {
  readonly method: string;
  /** With `{parameters}`. */
  readonly path: string;
  readonly operation: string;
  readonly takesBody: boolean;
  /** Names of the query parameters that must be there. */
  readonly requiredQuery: readonly string[];
}

interface OpenApi {
  readonly paths: Record<string, Record<string, { operationId: string; requestBody?: unknown; parameters?: { in: string; name: string; required?: boolean }[] }>>;
}

/** Every route of the committed OpenAPI document. */
export function apiRoutes(): ApiRoute[] {
  const { paths } = JSON.parse(readFileSync(join(repositoryRoot, 'docs', 'openapi.json'), 'utf8')) as OpenApi;
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId, requestBody, parameters = [] }]) => ({
      method: method.toUpperCase(),
      path,
      operation: operationId,
      takesBody: requestBody !== undefined,
      requiredQuery: parameters.filter((parameter) => parameter.in === 'query' && parameter.required === true).map(({ name }) => name),
    })),
  );
}
