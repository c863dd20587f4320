import { existsSync } from 'node:fs';
import { root } from '../driver/root.js';
import { each, runNode } from '../driver/run.js';
import { packageFolders } from './files.js';

/** Every package with its specs, by the native compiler. The build has checked the sources; this adds the specs. */
export async function types() {
  const projects = packageFolders().map((folder) => `${folder}/tsconfig.json`).filter((file) => existsSync(`${root}/${file}`));
  const results = await each(projects, 2, (project) => runNode('tsc7/bin/tsc', ['--noEmit', '--pretty', 'false', '-p', project]));
  // A package without a single file yet (TS18003) has nothing to check.
  const failed = results.filter(({ ok, output }) => !ok && !/^error TS18003/.test(output));
  return { ok: failed.length === 0, output: failed.map(({ output }) => output.trimEnd()).join('\n') };
}
