import type { HookSecrets } from '@hooklane/contracts/topics';
import { MASK } from '@hooklane/dialects';

/** Anything shorter stands in ordinary text by chance, and masking that would spoil every answer. */
const SHORTEST = 6;

/** What a receiver could repeat of what only it and we know: credentials as they travel, and the values of the URL's query, as sent and as meant. */
export function echoesOf(secrets: HookSecrets): readonly string[] {
  const basic = secrets.basicAuthPassword === '' ? [] : [secrets.basicAuthPassword, btoa(latin1(`${secrets.basicAuthUser}:${secrets.basicAuthPassword}`))];
  const query = new URL(secrets.url).search.slice(1).split('&').flatMap((pair) => [pair.slice(pair.indexOf('=') + 1)]);
  const meant = [...new URL(secrets.url).searchParams.values()];
  // A receiver's own secret is any text: it may come back as it stands in JSON or in a form.
  const signing = secrets.signing.flatMap(({ value }) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]);
  const all = [...secrets.headers.map(({ value }) => value), ...signing, ...basic, ...query, ...meant];
  // Longest first: one may begin with another.
  return [...new Set(all)].filter((text) => text.length >= SHORTEST).sort((one, other) => other.length - one.length);
}

/** An answer that repeats the request must not carry the hook's secrets into the log. @returns the same buffer when there is nothing to mask. */
export function maskEchoes(body: Buffer, echoes: readonly string[]): Buffer {
  if (body.length < SHORTEST) return body;
  const found = echoes.filter((echo) => body.includes(echo));
  if (found.length === 0) return body;
  // Byte for character, so that what is no valid UTF-8 stays as it is.
  let text = body.toString('latin1');
  for (const echo of found) text = text.replaceAll(latin1(echo), MASK);
  return Buffer.from(text, 'latin1');
}

export function maskEchoesInText(text: string, echoes: readonly string[]): string {
  let masked = text;
  for (const echo of echoes) if (masked.includes(echo)) masked = masked.replaceAll(echo, MASK);
  return masked;
}

/** The text's UTF-8 bytes, each as the character of that number. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
