import { SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { invalidRequest } from './invalid-request.js';

const ANY_QUERY = 'hooklane:any-query';

/** On a controller whose clients are written for another product: parameters that it does not know are left alone. */
export function AnyQuery(): ClassDecorator {
  return SetMetadata(ANY_QUERY, true);
}

/** A parameter that a route does not know is a misspelt one. Schemas of whole queries see to it themselves; this is for the routes that have none. */
export class QueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { url, query } = context.getArgByIndex<{ readonly url: string; readonly query?: object }>(0);
    if (!url.includes('?') || Reflect.hasMetadata(ANY_QUERY, context.getClass())) return true;
    const taken = takenBy(context);
    const unknown = taken === 'checked' ? [] : Object.keys(query ?? {}).filter((name) => !taken.includes(name));
    if (unknown.length > 0) throw invalidRequest([{ message: '', code: 'unrecognized_keys', keys: unknown }], 'query');
    return true;
  }
}

/** Nest keeps a handler's arguments under `<kind>:<index>`; `data` is the one parameter that it takes. */
function takenBy(context: ExecutionContext): readonly string[] | 'checked' {
  const all = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) ?? {}) as Record<string, { readonly data?: unknown }>;
  const queries = Object.entries(all).filter(([kind]) => kind.startsWith(`${RouteParamtypes.QUERY}:`)).map(([, { data }]) => data);
  const names = queries.filter((data) => typeof data === 'string');
  return names.length < queries.length ? 'checked' : names;
}
