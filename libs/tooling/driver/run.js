import { spawn } from 'node:child_process';
import { root } from './root.js';

/**
 * Runs a program to its end and keeps what it wrote.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, args, options = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options, env: { ...process.env, ...options.env } });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => done({ ok: false, output: `${command}: ${error.message}` }));
    child.once('close', (code, signal) => done({ ok: code === 0, output: signal === null ? output : `${output}\n${command} was ended by ${signal}.` }));
  });
}

/** Runs a JavaScript program of an installed package, named by its file: `.bin` differs between systems. */
export function runNode(file, args = [], options = {}) {
  return run(process.execPath, [`${root}/node_modules/${file}`, ...args], options);
}

/** Awaits `work` of every item, at most `limit` at a time; results in the order of the items. */
export async function each(items, limit, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
