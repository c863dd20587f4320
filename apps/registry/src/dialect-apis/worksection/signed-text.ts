import type { Parameters } from './parameters.js';

/** A query as it was sent, without one of its parameters. */
export function withoutParameter(rawQuery: string, name: string): string {
  return rawQuery
    .split('&')
    .filter((pair) => pair !== '' && pair.split('=', 1)[0] !== name)
    .join('&');
}

/** What PHP's http_build_query makes of the parameters but one, in their order: the text that the PHP SDK hashes. */
export function phpQuery(parameters: Parameters, leftOut: string): string {
  return Object.entries(parameters)
    .filter(([name]) => name !== leftOut)
    .flatMap(([name, value]) => phpPairs(name, value))
    .join('&');
}

function phpPairs(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => phpPairs(`${name}[${index}]`, item));
  if (typeof value === 'boolean') return [`${phpUrlEncoded(name)}=${value ? '1' : '0'}`];
  return typeof value === 'string' || typeof value === 'number' ? [`${phpUrlEncoded(name)}=${phpUrlEncoded(String(value))}`] : [];
}

/** PHP's urlencode: letters, digits and `-_.` stay, a space becomes a plus. */
function phpUrlEncoded(text: string): string {
  // Through a buffer: a lone surrogate becomes U+FFFD, where encodeURIComponent alone would throw.
  return encodeURIComponent(Buffer.from(text).toString())
    .replace(/[!~*'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
