import { createHmac, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { refused, verified, type InboundSource, type InboundVerifier } from './inbound-request.js';
import { sameText } from './same.js';
import { isWithin, unixSeconds } from './timestamps.js';

const SECRET_PREFIX = 'whsec_';
const PUBLIC_PREFIX = 'whpk_';
const ED25519_KEY_BYTES = 32;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
// SubjectPublicKeyInfo (RFC 8410) around the 32 bytes of an Ed25519 key.
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Standard Webhooks 1.0: `webhook-signature` is a list of `v1,<base64>` (HMAC-SHA256) or `v1a,<base64>` (Ed25519) over `<id>.<timestamp>.<body>`; one that fits is enough.
 * Not by the npm library of that name, which reads the clock by itself and has a tolerance of its own.
 */
export function standardWebhooksVerifier({ toleranceSeconds }: InboundSource, secret: string): InboundVerifier {
  const fits = signatureCheckOf(secret);
  return {
    verify(request) {
      const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => request.header(name));
      if (!id || !signatures) return refused('signature-missing');
      const seconds = unixSeconds(timestamp);
      if (seconds === null) return refused('timestamp-missing');
      if (!isWithin(seconds, request.nowMs, toleranceSeconds)) return refused('timestamp-out-of-tolerance');
      const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`, 'latin1'), request.body]);
      return signatures.split(' ').some((signature) => fits(signature, signed)) ? verified(id) : refused('signature-wrong');
    },
  };
}

/** @returns a sentence that says why the text can verify nothing, or null. */
export function standardSecretProblem(secret: string): string | null {
  const isPublic = secret.startsWith(PUBLIC_PREFIX);
  const base64 = secret.slice(isPublic ? PUBLIC_PREFIX.length : secret.startsWith(SECRET_PREFIX) ? SECRET_PREFIX.length : 0);
  const bytes = Buffer.from(base64, 'base64').length;
  if (!BASE64.test(base64) || bytes === 0) return 'Must be whsec_ and base64, or whpk_ and the base64 of a public key.';
  return isPublic && bytes !== ED25519_KEY_BYTES ? 'A whpk_ key is base64 of 32 bytes.' : null;
}

function signatureCheckOf(secret: string): (signature: string, signed: Buffer) => boolean {
  if (standardSecretProblem(secret) !== null) return () => false;
  if (secret.startsWith(PUBLIC_PREFIX)) {
    const key = publicKeyOf(secret.slice(PUBLIC_PREFIX.length));
    return (signature, signed) => signature.startsWith('v1a,') && verify(null, signed, key, Buffer.from(signature.slice(4), 'base64'));
  }
  const key = Buffer.from(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret, 'base64');
  return (signature, signed) => sameText(signature, `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
}

function publicKeyOf(base64: string): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, Buffer.from(base64, 'base64')]), format: 'der', type: 'spki' });
}
