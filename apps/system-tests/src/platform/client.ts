import type { Platform } from './platform.js';

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A REST call as a user makes it. A string or Buffer body is sent as it is; anything else as JSON. */
export async function call<Body = Record<string, unknown>>(
  platform: Pick<Platform, 'url' | 'adminKey'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await fetch(platform.url + path, {
    method,
    headers: { authorization: `Bearer ${platform.adminKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: raw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? {} : parse(text)) as Body };
}

/** Like `call`, and rejects unless the status is 2xx. */
export async function must<Body = Record<string, unknown>>(...args: Parameters<typeof call>): Promise<Body> {
  const answer = await call<Body>(...args);
  if (answer.status < 200 || answer.status > 299) throw new Error(`${args[1]} ${args[2]} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}
