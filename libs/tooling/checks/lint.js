import { runNode } from '../driver/run.js';

/** eslint with the rules of `eslint/eslint.config.js`. What it found is kept by content, so that a second run looks at changed files only. */
export function lint() {
  return runNode('eslint/bin/eslint.js', ['.', '--max-warnings=0', '--no-warn-ignored', '--cache', '--cache-strategy=content', '--cache-location=node_modules/.cache/eslint/']);
}
