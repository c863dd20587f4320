import { kinds } from '../jest/jest.config.js';
import { ourFiles } from './files.js';

/** A spec that no run picks up, or two do, is the kind of mistake that nobody notices: the name decides, so names are checked. */
export async function specNames() {
  const wrong = ourFiles((path) => /[._-](spec|test)\.[cm]?[jt]sx?$/.test(path) || path.includes('__tests__')).flatMap((path) => complaint(path) ?? []);
  return { ok: wrong.length === 0, output: wrong.join('\n') };
}

/** @returns {string | null} what is wrong with the path of a spec */
export function complaint(path) {
  const words = path.split('/').pop().split('.');
  const named = words.filter((word) => kinds.includes(word));
  if (named.length !== 1 || words.at(-2) !== 'spec' || words.at(-1) !== 'ts' || words.at(-3) !== named[0]) {
    return `${path}: a spec is called <what>.<kind>.spec.ts with exactly one kind of ${kinds.join(', ')}.`;
  }
  if (named[0] === 'e2e' && !/^apps\/[^/]+\/test\//.test(path)) return `${path}: e2e specs live in apps/<service>/test/<operation>/.`;
  if ((named[0] === 'system' || named[0] === 'chaos') && !path.startsWith('apps/system-tests/')) return `${path}: ${named[0]} specs live in apps/system-tests.`;
  return null;
}
