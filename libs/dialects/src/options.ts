import type { DialectResponse } from './response.js';

/** How the requests of a dialect are made and judged. Each is a default that a hook may change where the dialect lets it (dialects design 6.3). */
export interface DialectOptions {
  /** `as-published`: the publisher's bytes. `compact`: no spaces. `python`: `", "` and `": "`, as Python's json.dumps writes. */
  readonly serializer: 'as-published' | 'compact' | 'python';
  readonly signature: SignatureOptions;
  readonly success: SuccessOptions;
  /** What `410 Gone` does beyond being a failure. */
  readonly gone: 'fail' | 'disable' | 'delete';
  /** Whether an attempt without an HTTP answer counts towards the failure limit. */
  readonly countNetworkErrors: boolean;
  /** Part of the attempt's total in which the connection must stand; 0: no limit of its own. */
  readonly connectTimeoutMs: number;
  /** iceScrum sent a single event's code as `[story.create]` for a time. */
  readonly legacyBracketedEvent: boolean;
  /** IANA name: where a dialect writes local times. */
  readonly timeZone: string;
}

/** An HMAC over the exact bytes of the body. */
export interface SignatureOptions {
  readonly algorithm: 'none' | 'sha1' | 'sha256' | 'sha512';
  readonly encoding: 'hex' | 'base64';
  /** Each gets its prefix and the same digest. */
  readonly headers: readonly { readonly name: string; readonly prefix: string }[];
}

export interface SuccessOptions {
  readonly status: '2xx' | 'below-400' | '200';
  /** Null: any. Else the answer must be JSON, by its Content-Type too, with this text in this member of its root (W6). */
  readonly body: { readonly field: string; readonly equals: string; readonly strictCase: boolean } | null;
}

export const NO_SIGNATURE: SignatureOptions = { algorithm: 'none', encoding: 'hex', headers: [] };
export const ANY_2XX: SuccessOptions = { status: '2xx', body: null };

/** What a hook does: its own choices over its dialect's. @param chosen JSON text of a `Partial<DialectOptions>`, or empty */
export function resolvedOptions(dialect: { readonly options: DialectOptions }, chosen: string): DialectOptions {
  return chosen === '' ? dialect.options : { ...dialect.options, ...(JSON.parse(chosen) as Partial<DialectOptions>) };
}

export function isSuccess({ status, body }: SuccessOptions, response: DialectResponse): boolean {
  return statusFits(status, response.status) && (body === null || bodyFits(body, response));
}

function statusFits(rule: SuccessOptions['status'], status: number): boolean {
  switch (rule) {
    case '2xx':
      return status >= 200 && status < 300;
    case 'below-400':
      return status >= 200 && status < 400;
    case '200':
      return status === 200;
  }
}

function bodyFits({ field, equals, strictCase }: NonNullable<SuccessOptions['body']>, response: DialectResponse): boolean {
  if (!response.header('content-type')?.toLowerCase().includes('json')) return false;
  const value = memberOf(response.body.toString('utf8'), field);
  if (typeof value !== 'string') return false;
  return strictCase ? value === equals : value.toLowerCase() === equals.toLowerCase();
}

function memberOf(text: string, name: string): unknown {
  try {
    const root = JSON.parse(text) as unknown;
    return root !== null && typeof root === 'object' && Object.hasOwn(root, name) ? (root as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}
