import { AppError } from '@hooklane/kernel';
import type { SecretBox } from '@hooklane/secret-box';
import type { Cursors } from '../ports.js';
import type { PlaceKey } from '../query/stored.js';

/** Cursors sealed with the master key, so that every instance opens what another gave, and nobody can make or change one. */
export class CursorBox implements Cursors {
  constructor(private readonly box: SecretBox) {}

  seal(scope: string, { timeMs, seq }: PlaceKey): string {
    const plain = Buffer.allocUnsafe(16);
    plain.writeBigInt64BE(BigInt(timeMs), 0);
    plain.writeBigInt64BE(BigInt(seq), 8);
    return this.box.seal(plain, contextOf(scope)).toString('base64url');
  }

  open(scope: string, cursor: string): PlaceKey {
    try {
      const sealed = Buffer.from(cursor, 'base64url');
      // Decoding overlooks spare bits and foreign characters; a changed cursor is refused all the same.
      if (sealed.toString('base64url') !== cursor) throw new Error('not in its one form');
      const plain = this.box.open(sealed, contextOf(scope));
      return { timeMs: Number(plain.readBigInt64BE(0)), seq: Number(plain.readBigInt64BE(8)) };
    } catch (cause) {
      throw new AppError('invalid-cursor', 'The cursor is not one that this list gave for this tenant and these filters.', { cause });
    }
  }
}

const contextOf = (scope: string): string => `cursor/${scope}`;
