import { basicVerifier, tokenVerifier } from './credentials.js';
import { hubSignatures, hubVerifier } from './hub-signature.js';
import type { InboundSource, InboundVerifier } from './inbound-request.js';
import { standardWebhooksVerifier } from './standard-webhooks-verifier.js';
import { tikiHandler } from './tiki-handler.js';
import { timestampedVerifier } from './timestamped-signature.js';

/** @returns what verifies the calls of a source; null for a kind that this version does not know */
export function inboundVerifier(source: InboundSource, secret: string): InboundVerifier | null {
  switch (source.kind) {
    case 'tiki':
      return tikiHandler(source, secret);
    case 'standard-webhooks':
      return standardWebhooksVerifier(source, secret);
    case 'github':
    case 'taiga':
    case 'icescrum':
      return hubVerifier(hubSignatures[source.kind], secret);
    case 'stripe':
      return timestampedVerifier(source, secret);
    case 'basic':
      return basicVerifier(source, secret);
    case 'token':
      return tokenVerifier(source, secret);
    default:
      return null;
  }
}
