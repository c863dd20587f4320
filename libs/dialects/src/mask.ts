export const MASK = '***';

/** The flat list of headers as pairs for the log, with the values of secret ones masked. */
export function maskedHeaders(headers: readonly string[], secretHeaders: ReadonlySet<string>): { name: string; value: string }[] {
  const pairs: { name: string; value: string }[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string;
    const secret = secretHeaders.size > 0 && secretHeaders.has(name.toLowerCase());
    pairs.push({ name, value: secret ? MASK : (headers[at + 1] as string) });
  }
  return pairs;
}

/** A URL as it may be shown: without user info, with every query value masked (keys and tokens travel there). Not a URL: nothing of it is shown. */
export function maskedUrl(text: string): string {
  if (!URL.canParse(text)) return MASK;
  const url = new URL(text);
  if (url.username || url.password) {
    url.username = MASK;
    url.password = '';
  }
  for (const name of new Set(url.searchParams.keys())) url.searchParams.set(name, MASK);
  url.hash = '';
  return url.toString().replaceAll(encodeURIComponent(MASK), MASK);
}
