import type { FastifyRequest } from 'fastify';
import { unauthenticated } from '../../dialect-apis/taiga/taiga-failure.js';
import type { FilteredList } from '../../dialect-apis/taiga/list-webhooks.js';
import type { Caller, Registry } from '../../ports.js';
import { formOf } from '../dialects/form.js';

/** `Bearer` is what a login gives, `Application` an application's token; a Hooklane API key goes with either. */
const AUTHORIZATION = /^(?:Bearer|Application)\s+(\S+)\s*$/i;

/** Null: nobody says who they are. @throws AppError `unauthenticated` for a token that is not good (any more) */
export async function callerOf({ callers }: Pick<Registry, 'callers'>, { headers }: FastifyRequest): Promise<Caller | null> {
  const token = AUTHORIZATION.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return null;
  const caller = await callers.withToken(token);
  if (!caller) throw unauthenticated('Invalid token');
  return caller;
}

/** @throws AppError `unauthenticated` also for nobody */
export async function someCallerOf(registry: Pick<Registry, 'callers'>, request: FastifyRequest): Promise<Caller> {
  const caller = await callerOf(registry, request);
  if (!caller) throw unauthenticated('Authentication credentials were not provided.');
  return caller;
}

/** @param filter name of the parameter that the list can be narrowed by */
export function listWish(request: FastifyRequest, filter: string): FilteredList {
  const { query } = formOf({ url: request.url, headers: request.headers, body: undefined });
  return {
    page: query['page'],
    pageSize: query['page_size'],
    isWhole: request.headers['x-disable-pagination'] !== undefined,
    isLazy: request.headers['x-lazy-pagination'] !== undefined,
    url: `${originOf(request)}${request.url}`,
    filter: query[filter],
  };
}

/** Where the client reached us. */
export function originOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`;
}
