import { icescrumCodes } from '@hooklane/dialects';

/** Where a hook stands: a project, or the server as a whole. */
export type Level = 'project' | 'server';

/**
 * The codes of a request that a hook may have: without spaces, each once. Others are dropped without a word, as the product does.
 * @param present what the hook has: a hook of the native API may have codes of another level, and keeps them
 */
export function knownCodes(given: readonly string[], level: Level, present: readonly string[]): readonly string[] {
  const allowed = new Set([...icescrumCodes[level], ...present]);
  return [...new Set(given.map((code) => code.replace(/\s/g, '')))].filter((code) => allowed.has(code));
}

/** The codes that a hook is about. Its clients know no patterns: those of hooks that were made elsewhere are spelt out. */
export function shownEvents(eventTypes: readonly string[], level: Level): readonly string[] {
  const all = level === 'project' ? icescrumCodes.project : [...icescrumCodes.server, ...icescrumCodes.project];
  return [...new Set(eventTypes.flatMap((type) => (type === '*' ? all : type.endsWith('.*') ? all.filter((code) => code.startsWith(type.slice(0, -1))) : [type])))];
}

/** @returns whether a client sent back what it was shown: then the hook keeps its patterns. */
export function sameCodes(one: readonly string[], other: readonly string[]): boolean {
  const others = new Set(other);
  return one.length === others.size && one.every((code) => others.has(code));
}
