import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../driver/root.js';

const LEFT_OUT = new Set(['node_modules', 'dist', 'dist.next', '.turbo', 'coverage', 'gen']);

/** Paths of our own files from the root, of which `wanted(path)` holds. */
export function ourFiles(wanted) {
  const found = [];
  const walk = (directory) => {
    for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!LEFT_OUT.has(entry.name)) walk(path);
      } else if (wanted(path)) found.push(path);
    }
  };
  walk('apps');
  walk('libs');
  return found.sort();
}

/** Folders of the packages, from the root. */
export function packageFolders() {
  return ['apps', 'libs'].flatMap((parent) => readdirSync(join(root, parent), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => `${parent}/${entry.name}`));
}
