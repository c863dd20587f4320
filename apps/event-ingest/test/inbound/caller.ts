import { createHmac } from 'node:crypto';
import { request } from 'node:http';

export interface Called {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface CallOf {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A call as another system makes it: headers in the case in which they are given, and none but those. */
export function callAs(base: string): (path: string, call?: CallOf) => Promise<Called> {
  return (path, { method = 'POST', headers = {}, body = '' } = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(`${base}${path}`, { method, headers: { ...headers, ...(body.length > 0 ? { 'Content-Length': String(Buffer.byteLength(body)) } : {}) } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), headers: response.headers }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
}

/** As Mautic, the sender that Tiki's webhooks were made for. */
export function mautic(body: string, secret: string): CallOf {
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      'X-Origin-Base-URL': 'https://mautic.example/',
      'Webhook-Signature': createHmac('sha256', secret).update(body).digest('base64'),
    },
  };
}
