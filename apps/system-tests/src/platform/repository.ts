import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout: this file lies at the same depth in `src` and in `dist`. */
export const repositoryRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');

export function serviceEntry(app: string): string {
  return join(repositoryRoot, 'apps', app, 'dist', 'main.js');
}
