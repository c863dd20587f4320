import { createHmac } from 'node:crypto';
import { openSslNameOf } from './hash-algorithms.js';
import { refused, verified, type InboundSource, type InboundVerifier } from './inbound-request.js';
import { sameText } from './same.js';

export const tikiVerifications = ['base64 hmac', 'hmac'] as const;

/**
 * A row of Tiki's webhooks (K14–K17): the header is the HMAC of the raw body, in lower-case hexadecimal (`hmac`) or base64 (`base64 hmac`), with nothing before it.
 * A missing header, an empty one and a verification that is none are not verified. The algorithm is honoured, which Tiki itself stores and does not look at.
 */
export function tikiHandler({ verification, algorithm, header }: InboundSource, secret: string): InboundVerifier {
  const encoding = verification === 'hmac' ? 'hex' : verification === 'base64 hmac' ? 'base64' : null;
  const hash = openSslNameOf(algorithm);
  return {
    verify(request) {
      const given = request.header(header);
      if (given === undefined || given === '') return refused('signature-missing');
      if (encoding === null || hash === undefined || secret === '') return refused('signature-wrong');
      const expected = createHmac(hash, secret).update(request.body).digest(encoding);
      return sameText(given, expected) ? verified(expected) : refused('signature-wrong');
    },
  };
}
