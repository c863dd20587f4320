/**
 * Postgres text cannot hold U+0000. Names with it are refused long before; if one comes through nevertheless,
 * a replacement character in a column beats a batch that can never be written. The record's bytes are kept as they are.
 */
export function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}
