import { AppError } from '@hooklane/kernel';
import type { SecretBox } from '@hooklane/secret-box';
import type { Cursors } from '../ports.js';
import type { PlaceKey } from '../query/stored.js';

/** Cursors sealed with the master key, so that every instance opens what another gave, and nobody can make or change one. */
export class CursorBox implements Cursors {
  constructor(private readonly box: SecretBox) {}

  seal(scope: string, { timeMs, offset, partition, hookId }: PlaceKey): string {
    const plain = Buffer.from(JSON.stringify([timeMs, offset, partition, hookId]));
    return this.box.seal(plain, contextOf(scope)).toString('base64url');
  }

  open(scope: string, cursor: string): PlaceKey {
    try {
      const sealed = Buffer.from(cursor, 'base64url');
      // Decoding overlooks spare bits and foreign characters; a changed cursor is refused all the same.
      if (sealed.toString('base64url') !== cursor) throw new Error('not in its one form');
      const [timeMs, offset, partition, hookId] = JSON.parse(this.box.open(sealed, contextOf(scope)).toString()) as [number, number, number, string];
      return { timeMs, offset, partition, hookId };
    } catch (cause) {
      throw new AppError('invalid-cursor', 'The cursor is not one that this list gave for this tenant and these filters.', { cause });
    }
  }
}

/** Another word than `cursor`, which is what stood here when cursors held a number of writing: those are refused. */
const contextOf = (scope: string): string => `place/${scope}`;
