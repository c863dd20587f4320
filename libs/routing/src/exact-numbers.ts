/** What is said of a number that a place refers to: "/filter/data/id/$eq is a whole number beyond …". */
export const INEXACT_NUMBER = `is a whole number beyond ±${Number.MAX_SAFE_INTEGER}, which would be rounded; use a string`;

/** Whether a parsed number may have been another one in the text: beyond 2^53 - 1 several whole numbers read as the same double. */
export function isInexact(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
}

/**
 * @param value parsed JSON, of bounded depth
 * @param pointer where the value itself is
 * @returns the JSON pointer of the first whole number that cannot be told from its neighbours, null where there is none
 */
export function findInexact(value: unknown, pointer: string): string | null {
  if (isInexact(value)) return pointer;
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, child] of Object.entries(value)) {
    const found = findInexact(child, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    if (found !== null) return found;
  }
  return null;
}
