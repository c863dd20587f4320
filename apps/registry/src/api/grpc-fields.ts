import type { PageWish } from '../page.js';
import { invalidRequest, validated } from '@hooklane/service-host';
import { AtQuery, PageQuery } from '@hooklane/contracts/rest';

/** The members that are there: protobuf knows no null, and an absent `optional` field is not in the message at all. */
export function present<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as { [Name in keyof Fields]?: NonNullable<Fields[Name]> };
}

/** The members that say something: a text or number that is not `optional` is empty or 0 where REST's is absent. */
export function given<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== 0)) as Partial<Fields>;
}

/** An empty list or map of a message counts as absent. */
export function filled<Value extends readonly unknown[] | object>(value: Value | null | undefined): Value | undefined {
  return value && Object.keys(value).length > 0 ? value : undefined;
}

/** @throws AppError `invalid-request` naming `field` */
export function parsedJson(field: string, json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw invalidRequest([{ path: [field], message: 'Is not well-formed JSON.' }]);
  }
}

/** Sets the places that `clear` names to null, as a JSON merge patch says "back to the default". */
export function cleared(patch: Readonly<Record<string, unknown>>, clear: readonly string[]): Record<string, unknown> {
  const result: Record<string, unknown> = { ...patch };
  for (const place of clear) {
    const [name = '', ...rest] = place.split('.');
    if (name === '__proto__') continue;
    const member = rest.join('.');
    result[name] = member === '' ? null : { ...(result[name] as object | null | undefined), [member]: null };
  }
  return result;
}

/** Empty and 0 mean what absent means over REST. @throws AppError `invalid-request` */
export function pageWish({ cursor, limit }: { readonly cursor: string; readonly limit: number }): PageWish {
  return validated(PageQuery, { ...(cursor === '' ? {} : { cursor }), ...(limit === 0 ? {} : { limit }) });
}

/** @param at RFC 3339. @returns milliseconds since the epoch. @throws AppError `invalid-request` */
export function momentMs(at: string): number {
  validated(AtQuery, { at });
  return Date.parse(at);
}
