import { AppError } from '@hooklane/kernel';
import { parseJson } from '@hooklane/service-host';
import type { FastifyRequest } from 'fastify';

/** A value as it came: texts and lists of texts from a form or a query, anything from JSON. */
export type FormFields = Readonly<Record<string, unknown>>;

export interface Form {
  /** `a[]=1&a[]=2`, `a[0]=1&a[1]=2` and `a=1&a=2` are the list `a`; a single `a[]=1` is a list too. */
  readonly query: FormFields;
  /** As `query` where the body is urlencoded; the object where it is JSON; empty where there is none. */
  readonly body: FormFields;
  /** The body's fields over the query's. */
  readonly fields: FormFields;
  /** As sent, without the question mark: some signatures are made over it. */
  readonly rawQuery: string;
  readonly rawBody: Buffer;
}

/**
 * Reads what a client of a dialect's admin API sends, whatever way it has: a query, a urlencoded body or JSON.
 * @param request of a handler of a `DialectRoute`
 * @throws AppError `malformed-json`; `invalid-request` for JSON that is no object or nests too deep; `unsupported-media-type` for an encoded body
 */
export function formOf(request: Pick<FastifyRequest, 'url' | 'headers' | 'body'>): Form {
  const rawQuery = request.url.split('?').slice(1).join('?');
  const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const query = urlencoded(rawQuery);
  const body = bodyFields(rawBody, request.headers);
  return { query, body, fields: { ...query, ...body }, rawQuery, rawBody };
}

function bodyFields(body: Buffer, headers: FastifyRequest['headers']): FormFields {
  if (body.length === 0) return {};
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new AppError('unsupported-media-type', 'Send the body without content encoding.');
  if (!isJson(body, headers['content-type'])) return urlencoded(body.toString('utf8'));
  const parsed = parseJson(body);
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) throw new AppError('invalid-request', 'The body must be a JSON object.');
  return parsed as FormFields;
}

/** Clients that name no type, or that of forms although they send JSON, are told by how the body begins: no form begins with a brace. */
function isJson(body: Buffer, contentType: string | undefined): boolean {
  return /json/i.test(contentType ?? '') || /^\s*\{/.test(body.toString('latin1', 0, 64));
}

const LISTED = /^(.+)\[\d*\]$/s;

function urlencoded(text: string): FormFields {
  const fields = new Map<string, string | string[]>();
  for (const [key, value] of new URLSearchParams(text)) {
    const list = LISTED.exec(key)?.[1];
    const name = list ?? key;
    const before = fields.get(name);
    if (before !== undefined) fields.set(name, [before, value].flat());
    else fields.set(name, list === undefined ? value : [value]);
  }
  // An own property of this name would be spread into something later.
  fields.delete('__proto__');
  return Object.fromEntries(fields);
}
