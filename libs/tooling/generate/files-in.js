import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../driver/root.js';

/** @returns {string[]} paths of all files in a folder and below, from `base` as the folder's own. */
export function filesIn(folder, base = root) {
  const start = join(base, folder);
  if (!existsSync(start)) return [];
  const entries = readdirSync(start, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(base).length + 1).replaceAll('\\', '/'));
}
