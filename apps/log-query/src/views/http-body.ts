import type { AttemptView } from '@hooklane/contracts/rest';

/** Bytes as they are shown in JSON: as text where they are some. */
export function httpBody(bytes: Uint8Array, cut: boolean): NonNullable<AttemptView['request']['body']> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  // What does not come back as it was is no UTF-8: a picture, or text cut within a character.
  const isText = Buffer.from(text).equals(buffer);
  return { encoding: isText ? 'utf8' : 'base64', content: isText ? text : buffer.toString('base64'), bytes: buffer.length, cut };
}
