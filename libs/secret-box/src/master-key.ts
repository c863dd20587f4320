import { createHash } from 'node:crypto';
import { AppError } from '@hooklane/kernel';

export interface MasterKey {
  /** First 8 hex digits of SHA-256 over the key: tells which key sealed a value, and nothing of the key. */
  readonly id: string;
  readonly bytes: Buffer;
}

const KEY_BYTES = 32;

/**
 * @param text base64 of exactly 32 bytes, as `HOOKLANE_MASTER_KEY` and the key file hold it
 * @throws AppError `master-key-invalid`, without the text in it
 */
export function masterKeyFrom(text: string): MasterKey {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length !== KEY_BYTES) {
    throw new AppError('master-key-invalid', `The master key must be base64 of ${KEY_BYTES} bytes; this one has ${bytes.length}.`);
  }
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes };
}
