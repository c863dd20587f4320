import { createCipheriv, createDecipheriv } from 'node:crypto';
import { AppError, type RandomSource } from '@hooklane/kernel';
import type { MasterKey } from './master-key.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_BYTES = 4;
const FORMAT = 1;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/**
 * Seals values with AES-256-GCM. Layout: format (1 byte), master key id (4), nonce (12), ciphertext, tag (16).
 * `context` is authenticated but not stored: a value moved to another row, hook or tenant does not open there.
 */
export class SecretBox {
  private readonly keyId: Buffer;

  constructor(
    private readonly key: MasterKey,
    private readonly random: RandomSource,
  ) {
    this.keyId = Buffer.from(key.id, 'hex');
  }

  seal(plain: Uint8Array, context: string): Buffer {
    const nonce = this.random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key.bytes, nonce);
    cipher.setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(FORMAT), this.keyId, nonce, body, cipher.getAuthTag()]);
  }

  /** @throws AppError `master-key-wrong` when another key sealed it, `sealed-value-damaged` when it or its context is not the one that was sealed. */
  open(sealed: Uint8Array, context: string): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes.length < HEAD_BYTES + TAG_BYTES || bytes[0] !== FORMAT) throw damaged();
    if (!bytes.subarray(1, 1 + KEY_ID_BYTES).equals(this.keyId)) {
      throw new AppError('master-key-wrong', `The value was sealed with master key ${bytes.toString('hex', 1, 1 + KEY_ID_BYTES)}; the one in use is ${this.key.id}.`);
    }
    const decipher = createDecipheriv('aes-256-gcm', this.key.bytes, bytes.subarray(1 + KEY_ID_BYTES, HEAD_BYTES));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
    } catch {
      throw damaged();
    }
  }
}

function damaged(): AppError {
  return new AppError('sealed-value-damaged', 'A sealed value does not open: it, or what it belongs to, was changed.');
}
