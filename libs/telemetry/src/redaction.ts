const HIDDEN = '[hidden]';
const MAX_DEPTH = 6;

/** Names of fields whose values never reach a log: anything that is or holds a credential, whatever the spelling. */
const SECRET_NAME = /^(?:.*(?:secret|password|passwd|authorization|cookie|api-?_?key|private-?_?key|access-?_?token|refresh-?_?token|master-?_?key|credentials?|signature)s?|token|pass|basic-?_?auth)$/i;
/** Not secrets, although they are called so. */
const HARMLESS_NAME = /(?:id|ids|count|version|prefix)$/i;
/** Our own keys and Standard Webhooks secrets, and user info in an address, wherever they stand in a text. */
const SECRET_TEXT = /\bhl_[A-Za-z0-9_-]{20,}|\b(?:whsec|whsk)_[A-Za-z0-9+/=_-]+|(?<=:\/\/)[^/@\s:]*:[^/@\s]*(?=@)/g;

/** @returns a copy of `value` that may be logged. */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replace(SECRET_TEXT, HIDDEN);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return { name: value.name, message: redacted(value.message), ...('code' in value ? { code: value.code } : {}) };
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => redacted(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, isSecret(name, item) ? HIDDEN : redacted(item, depth + 1)]));
}

function isSecret(name: string, value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'boolean' && SECRET_NAME.test(name) && !HARMLESS_NAME.test(name);
}
