export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed; null when there is none. Specs look into it freely. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  /** As it came. */
  readonly text: string;
}

export interface CallOptions {
  /** Text and bytes are sent as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null: without one. */
  readonly key?: string | null;
}

/** One request to a REST API. Any status is an answer. */
export type Api = (method: string, path: string, options?: CallOptions) => Promise<Answered>;

/** @param defaultKey the API key of calls that name none */
export function apiOf(url: string, defaultKey: string): Api {
  return async (method, path, { body, headers = {}, key = defaultKey } = {}) => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) };
  };
}
