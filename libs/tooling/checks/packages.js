import { existsSync, readFileSync } from 'node:fs';
import { root } from '../driver/root.js';
import { packageFolders } from './files.js';

const EXACT = /^(npm:(@[^/]+\/)?[^@]+@)?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** Every package says what it is (its charter) and pins what it depends on. */
export async function packages() {
  const complaints = ['', ...packageFolders().map((folder) => `${folder}/`)].flatMap((folder) => [...charter(folder), ...pins(folder)]);
  return { ok: complaints.length === 0, output: complaints.join('\n') };
}

function charter(folder) {
  const file = `${folder}README.md`;
  if (!existsSync(`${root}/${file}`)) return [`${file} is missing: say what the package is, what it is not, and who may import it.`];
  const paragraphs = readFileSync(`${root}/${file}`, 'utf8').split(/\n\s*\n/).filter((text) => /^[A-Z*`]/.test(text.trim()));
  return paragraphs.length > 0 ? [] : [`${file} has a heading and no charter.`];
}

function pins(folder) {
  const file = `${folder}package.json`;
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(`${root}/${file}`, 'utf8'));
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  return all.filter(([, version]) => !EXACT.test(version)).map(([name, version]) => `${file}: ${name} is "${version}"; versions are pinned exactly.`);
}
