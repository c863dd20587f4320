import { createHash, timingSafeEqual } from 'node:crypto';

/** Takes as long whatever is in them and however long they are: the digests are compared, so that not even the length of the right one can be found out. */
export function sameBytes(given: Uint8Array, expected: Uint8Array): boolean {
  return timingSafeEqual(digestOf(given), digestOf(expected));
}

/** @param given a header's value, one character a byte; `expected` is ASCII or compared as UTF-8 */
export function sameText(given: string, expected: string): boolean {
  return sameBytes(Buffer.from(given, 'latin1'), Buffer.from(expected));
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
