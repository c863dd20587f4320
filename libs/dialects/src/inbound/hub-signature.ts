import { createHmac } from 'node:crypto';
import { refused, verified, type InboundVerifier } from './inbound-request.js';
import { sameText } from './same.js';

/** A header that holds the HMAC of the raw body in lower-case hexadecimal. */
export interface HubSignature {
  readonly header: string;
  readonly hash: 'sha1' | 'sha256';
  /** Before the digits, such as `sha256=`. */
  readonly prefix: string;
}

export const hubSignatures: Readonly<Record<'github' | 'taiga' | 'icescrum', readonly HubSignature[]>> = {
  github: [{ header: 'x-hub-signature-256', hash: 'sha256', prefix: 'sha256=' }],
  // Taiga sends the same digest twice; proxies are known to keep but one of them.
  taiga: [
    { header: 'x-taiga-webhook-signature', hash: 'sha1', prefix: '' },
    { header: 'x-hub-signature', hash: 'sha1', prefix: 'sha1=' },
  ],
  icescrum: [{ header: 'x-icescrum-signature', hash: 'sha1', prefix: '' }],
};

/** The first of the headers that is there decides. */
export function hubVerifier(signatures: readonly HubSignature[], secret: string): InboundVerifier {
  return {
    verify(request) {
      for (const { header, hash, prefix } of signatures) {
        const given = request.header(header);
        if (given === undefined || given === '') continue;
        const expected = prefix + createHmac(hash, secret).update(request.body).digest('hex');
        return sameText(given, expected) ? verified(expected) : refused('signature-wrong');
      }
      return refused('signature-missing');
    },
  };
}
