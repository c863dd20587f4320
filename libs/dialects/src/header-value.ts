const PLAIN = /^[\x21-\x24\x26-\x7e](?:[\x20-\x24\x26-\x7e]*[\x21-\x24\x26-\x7e])?$/;

/**
 * Text as a header value: printable ASCII without `%` stays as it is, anything else is percent-encoded UTF-8 as a whole.
 * Ordering keys and project keys may hold any character; a header may not.
 */
export function headerValueOf(text: string): string {
  if (PLAIN.test(text)) return text;
  // Through a buffer: a lone surrogate becomes U+FFFD, where encodeURIComponent alone would throw.
  return encodeURIComponent(Buffer.from(text).toString());
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Names that Hooklane, the connection or the signature decides; a hook may not set them. Lower case. */
const RESERVED = new Set(['host', 'content-length', 'content-type', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade', 'te', 'trailer', 'expect', 'proxy-connection', 'proxy-authorization', 'traceparent', 'tracestate', 'user-agent']);
const RESERVED_PREFIXES = ['webhook-', 'hooklane-'];

/** @returns a sentence that says why a hook may not send this header, or null. Checked when a hook is saved, so that sending never fails over it. */
export function headerProblem(name: string, value: string): string | null {
  if (!TOKEN.test(name)) return `"${name}" is not a header name.`;
  const lower = name.toLowerCase();
  if (RESERVED.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix))) return `The header "${name}" is set by Hooklane and cannot be chosen.`;
  if (!FIELD_VALUE.test(value)) return `The value of header "${name}" holds a character that a header cannot carry.`;
  return null;
}
