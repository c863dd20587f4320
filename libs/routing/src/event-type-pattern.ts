/** What a hook's `eventTypes` entry selects: one name, every name below a prefix (`order.*`), or all (`*`). */
export type EventTypePattern = { readonly kind: 'exact'; readonly name: string } | { readonly kind: 'prefix'; readonly prefix: string } | { readonly kind: 'all' };

/** An event type's name: 1-256 characters in parts divided by dots, colons, slashes or hyphens. */
export const eventTypeName = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,255}$/;

/** @returns null for a text that is no pattern */
export function parseEventTypePattern(text: string): EventTypePattern | null {
  if (text === '*') return { kind: 'all' };
  const isPrefix = text.endsWith('.*');
  const name = isPrefix ? text.slice(0, -2) : text;
  if (!eventTypeName.test(name)) return null;
  return isPrefix ? { kind: 'prefix', prefix: `${name}.` } : { kind: 'exact', name };
}

export function matchesEventType(pattern: EventTypePattern, type: string): boolean {
  switch (pattern.kind) {
    case 'all':
      return true;
    case 'prefix':
      return type.startsWith(pattern.prefix);
    case 'exact':
      return type === pattern.name;
    default:
      return pattern satisfies never;
  }
}
