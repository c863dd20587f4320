/** A call from outside, as it came. */
export interface InboundCall {
  readonly tenantId: string;
  /** `tiki`: the tenant's one address of that kind; else what stands in its place, the id of a source if anything. */
  readonly endpoint: string;
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly remoteAddress: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

export const TIKI = 'tiki';

/** What the caller is told: plain text, as Tiki does. */
export interface InboundAnswer {
  readonly status: number;
  readonly text: string;
  /** Where it may try again. */
  readonly retryAfterSeconds?: number;
}

export function headerOf({ headers }: Pick<InboundCall, 'headers'>, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
}

/** The first, of one that was given twice. */
export function queryOf({ query }: Pick<InboundCall, 'query'>, name: string): string | undefined {
  const value: unknown = Object.hasOwn(query, name) ? query[name] : undefined;
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : undefined;
}
