import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.js';

/** Whoever leaves a timer, a socket or a server behind keeps jest from ending; after this it is ended and counts as failed. */
const LEFT_OPEN_MS = 20_000;

/** @param {number} limitMs for the whole run: what hangs is named by the files that have not reported @returns {Promise<{ passed: number, failed: number }>} */
export async function runJest(kinds, workers, patterns, limitMs) {
  const directory = mkdtempSync(join(tmpdir(), 'hooklane-jest-'));
  const began = performance.now();
  const countsFile = join(directory, 'counts.json');
  const status = await new Promise((done) => {
    const args = ['-c', `${root}/libs/tooling/jest/jest.config.js`, '--selectProjects', ...kinds, '--reporters', `${root}/libs/tooling/jest/reporter.js`, '--passWithNoTests', ...(workers === 1 ? ['--runInBand'] : [`--maxWorkers=${workers}`])];
    if (patterns.length > 0) args.push('--testPathPatterns', ...patterns);
    const child = spawn(process.execPath, [`${root}/node_modules/jest/bin/jest.js`, ...args], {
      cwd: root, stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(), HOOKLANE_TEST_COUNTS: countsFile },
    });
    // Jest and its workers end their servers first; a terminal's Ctrl-C reaches them by itself.
    const pass = () => child.kill('SIGTERM');
    process.on('SIGTERM', pass);
    const watch = setInterval(() => {
      if (readCounts(countsFile) === null) return;
      clearInterval(watch);
      clearTimeout(limit);
      limit = setTimeout(() => child.kill('SIGKILL'), LEFT_OPEN_MS);
    }, 1000);
    let limit = setTimeout(() => child.kill('SIGTERM'), limitMs);
    child.once('close', (code, signal) => {
      process.off('SIGTERM', pass);
      clearInterval(watch);
      clearTimeout(limit);
      done(signal ?? code);
    });
  });
  const counts = readCounts(countsFile);
  rmSync(directory, { recursive: true, force: true });
  if (counts === null && performance.now() - began > limitMs) return broken(`the ${kinds.join(' and ')} specs did not end within ${limitMs / 60_000} minutes: one of those that printed no line above hangs.`, { passed: 0, failed: 0 });
  if (counts === null) return broken(`jest ended (${status}) before it had run the ${kinds.join(' and ')} specs.`, { passed: 0, failed: 0 });
  if (status === 'SIGKILL') return broken(`jest did not end after the ${kinds.join(' and ')} specs: one of them left something open.`, counts);
  if (status !== 0 && counts.failed === 0) return broken(`jest ended with ${status} although every ${kinds.join(' and ')} spec passed.`, counts);
  return counts;
}

function broken(sentence, { passed, failed }) {
  console.log(`✗ ${sentence}`);
  return { passed, failed: failed + 1 };
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
