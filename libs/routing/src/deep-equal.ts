import { isInexact } from './exact-numbers.js';

/**
 * Equality of two parsed JSON values; the order of members does not count. Whole numbers beyond 2^53 equal nothing: they may have been different ones before
 * they were parsed. (A feature package imports nothing of `node:`.)
 */
export function isDeepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return !isInexact(left);
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && left.length === right.length && left.every((item, index) => isDeepEqual(item, right[index]));
  }
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isDeepEqual((left as Record<string, unknown>)[name], (right as Record<string, unknown>)[name]))
  );
}
