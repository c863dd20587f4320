import { createHmac, createPrivateKey, createPublicKey, createSecretKey, sign, type KeyObject } from 'node:crypto';
import { AppError } from '@hooklane/kernel';

/** Makes one element of the `webhook-signature` header (Standard Webhooks 1.0, "Signature scheme"). */
export interface WebhookSigner {
  /** `v1,<base64>` or `v1a,<base64>` over `<id>.<timestamp>.<body>`. */
  sign(prefix: string, body: Buffer): string;
}

const SYMMETRIC_PREFIX = 'whsec_';
const PRIVATE_PREFIX = 'whsk_';
const PUBLIC_PREFIX = 'whpk_';
const ED25519_SEED_BYTES = 32;
// PKCS #8 (RFC 8410) around the 32 bytes of an Ed25519 seed.
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD_BYTES = 12;

/** @throws AppError `invalid-hook`, without the secret in it, for a text that is neither `whsec_…` nor `whsk_…`. */
export function signerOf(secret: string): WebhookSigner {
  if (secret.startsWith(SYMMETRIC_PREFIX)) return hmacSigner(secret);
  if (secret.startsWith(PRIVATE_PREFIX)) return ed25519Signer(secret);
  throw new AppError('invalid-hook', 'A signing secret begins with whsec_ or whsk_.');
}

/** @returns the `whpk_…` that verifies what `whsk_…` signs. */
export function publicKeyOf(privateSecret: string): string {
  const der = createPublicKey(ed25519KeyOf(privateSecret)).export({ format: 'der', type: 'spki' });
  return PUBLIC_PREFIX + der.subarray(SPKI_HEAD_BYTES).toString('base64');
}

function hmacSigner(secret: string): WebhookSigner {
  const bytes = Buffer.from(secret.slice(SYMMETRIC_PREFIX.length), 'base64');
  if (bytes.length === 0) throw new AppError('invalid-hook', 'A signing secret is empty.');
  const key = createSecretKey(bytes);
  return { sign: (prefix, body) => `v1,${createHmac('sha256', key).update(prefix).update(body).digest('base64')}` };
}

function ed25519Signer(secret: string): WebhookSigner {
  const key = ed25519KeyOf(secret);
  return { sign: (prefix, body) => `v1a,${sign(null, Buffer.concat([Buffer.from(prefix), body]), key).toString('base64')}` };
}

/** The key as 32 bytes (the seed) or 64 (seed and public half, as libsodium keeps it). */
function ed25519KeyOf(secret: string): KeyObject {
  const bytes = Buffer.from(secret.slice(PRIVATE_PREFIX.length), 'base64');
  if (bytes.length !== ED25519_SEED_BYTES && bytes.length !== 2 * ED25519_SEED_BYTES) {
    throw new AppError('invalid-hook', 'A whsk_ secret is base64 of 32 or 64 bytes.');
  }
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, bytes.subarray(0, ED25519_SEED_BYTES)]), format: 'der', type: 'pkcs8' });
}
