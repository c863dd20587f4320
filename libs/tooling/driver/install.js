import { existsSync } from 'node:fs';
import { isInstalled, missingEntries, readLock } from './lock-file.js';
import { root } from './root.js';
import { run, runNode } from './run.js';

/**
 * Installs what the lock file names unless it is there already. On a fresh clone by `npm ci`, which leaves the lock file as it is; over an
 * earlier installation, or with a lock file that `npm ci` would refuse, by `npm install`, which takes what is there.
 * @returns {Promise<{ ok: boolean, output: string, done: boolean }>} `done`: whether there was anything to do.
 */
export async function ensureInstalled() {
  if (isInstalled()) return { ok: true, output: '', done: false };
  const fresh = !existsSync(`${root}/node_modules`) && missingEntries(readLock()).length === 0;
  const args = [fresh ? 'ci' : 'install', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const result = npm === undefined ? await run('npm', args, { shell: process.platform === 'win32' }) : await run(process.execPath, [npm, ...args]);
  return { ...result, done: true };
}

/** Builds every package that changed since its last build. */
export function build() {
  return runNode('turbo/bin/turbo', ['run', 'build', '--output-logs=errors-only', '--ui=stream'], { env: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', FORCE_COLOR: '0' } });
}

/** Both, for what runs from the checkout. Where one fails, the process ends with what it said. */
export async function installAndBuild() {
  for (const step of [ensureInstalled, build]) {
    const { ok, output } = await step();
    if (ok) continue;
    console.error(output.trimEnd());
    process.exit(1);
  }
}
