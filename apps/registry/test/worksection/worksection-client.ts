import { createHash, createHmac } from 'node:crypto';

export interface Answered {
  readonly status: number;
  readonly contentType: string;
  /** WWW-Authenticate; empty: none. */
  readonly challenge: string;
  /** As sent. */
  readonly text: string;
  readonly body: { readonly status?: string; readonly status_code?: number; readonly message?: string; readonly message_details?: string; readonly id?: number; readonly data?: readonly Record<string, string>[] };
}

export type Params = Readonly<Record<string, string>>;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const hmac = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('hex');

export async function send(url: string, init: RequestInit = {}): Promise<Answered> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, contentType: response.headers.get('content-type') ?? '', challenge: response.headers.get('www-authenticate') ?? '', text, body: JSON.parse(text) as Answered['body'] };
}

/** The ways in which the product's clients call its API, each as that client does it. @param base address of the registry, without a slash at its end @param nowMs the server's clock */
export function worksectionClients(base: string, key: string, nowMs: () => number = Date.now) {
  const query = (action: string, params: Params): string => new URLSearchParams({ action, ...params }).toString();
  const unix = (): number => Math.floor(nowMs() / 1_000);
  const form = (fields: Params): FormData => {
    const made = new FormData();
    for (const [name, value] of Object.entries(fields)) made.append(name, value);
    return made;
  };
  return {
    /** W19: by hand, or with curl. */
    'a hashed query': (action: string, params: Params = {}): Promise<Answered> => send(`${base}/api/admin/v2/?${query(action, params)}&hash=${md5(query(action, params) + key)}`),
    'a hashed query without the slash': (action: string, params: Params = {}): Promise<Answered> => send(`${base}/api/admin/v2?${query(action, params)}&hash=${md5(query(action, params) + key)}`),
    'the PHP SDK 2.0': (action: string, params: Params = {}): Promise<Answered> =>
      send(`${base}/api/admin/v2`, { method: 'POST', body: form({ action, ...params, hash: md5(query(action, params) + key) }) }),
    'a urlencoded form': (action: string, params: Params = {}): Promise<Answered> =>
      send(`${base}/api/admin/v2/`, { method: 'POST', body: new URLSearchParams({ action, ...params, hash: md5(query(action, params) + key) }) }),
    'the SDKs from 2.1.1': (action: string, params: Params = {}): Promise<Answered> =>
      send(`${base}/api/admin/v2?action=${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', accept: 'application/json', 'sdk-client': 'python-sdk:2.1.0', authorization: `Admin ${unix()}_${hmac(key, `${action}:${unix()}`)}` },
        ...(Object.keys(params).length === 0 ? {} : { body: JSON.stringify(params) }),
      }),
    'the SDKs 2.1.0': (action: string, params: Params = {}): Promise<Answered> =>
      send(`${base}/api/admin/v2.1?action=${action}&hash=${hmac(key, `${action}:${unix()}`)}&time=${unix()}`, {
        ...(Object.keys(params).length === 0 ? {} : { method: 'POST', body: JSON.stringify(params) }),
        headers: { 'content-type': 'application/json; charset=utf-8' },
      }),
    /** W20. */
    'an OAuth token in the header': (action: string, params: Params = {}): Promise<Answered> => send(`${base}/api/oauth2?${query(action, params)}`, { headers: { authorization: `Bearer ${key}` } }),
    'an OAuth token in the query': (action: string, params: Params = {}): Promise<Answered> => send(`${base}/api/oauth2?${query(action, params)}&access_token=${key}`),
    'an OAuth token in the form of the PHP SDK 2.0': (action: string, params: Params = {}): Promise<Answered> =>
      send(`${base}/api/oauth2/`, { method: 'POST', body: form({ action, ...params, access_token: key }) }),
    'the SDKs with an OAuth token': (action: string, params: Params = {}): Promise<Answered> =>
      send(`${base}/api/oauth2?action=${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${key}` },
        ...(Object.keys(params).length === 0 ? {} : { body: JSON.stringify(params) }),
      }),
  };
}

export type ClientName = keyof ReturnType<typeof worksectionClients>;
