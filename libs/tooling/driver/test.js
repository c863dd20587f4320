import { boundaries } from '../checks/boundaries.js';
import { docs } from '../checks/docs.js';
import { exportsUsed } from '../checks/exports-used.js';
import { generated } from '../checks/generated.js';
import { lint } from '../checks/lint.js';
import { lock } from '../checks/lock.js';
import { packages } from '../checks/packages.js';
import { specNames } from '../checks/spec-names.js';
import { types } from '../checks/types.js';
import { build, ensureInstalled } from './install.js';
import { runJest } from './jest.js';
import { each } from './run.js';

/** Checks: no program of ours runs. Each counts as one test. */
const checks = { lock, packages, docs, specs: specNames, types, boundaries, exports: exportsUsed, generated, lint };

/** Kinds that share a jest process, how many workers it gets, and after how many minutes something in it must be hanging. Scenarios measure and kill, so they run alone. */
const jestRuns = [
  { kinds: ['unit', 'prop'], workers: 2, minutes: 10 },
  { kinds: ['int', 'e2e'], workers: 2, minutes: 20 },
  { kinds: ['system'], workers: 1, minutes: 30 },
  { kinds: ['chaos'], workers: 1, minutes: 30 },
];
const kindNames = jestRuns.flatMap(({ kinds }) => kinds);

const HELP = `npm test                                   everything
npm test -- --only unit,int                parts: ${[...Object.keys(checks), ...kindNames].join(', ')}
npm test -- --only int libs/event-log      specs whose path matches
npm test -- --built …                      takes packages as they are built, without installing and building first`;

/** @param {string[]} argv @returns {Promise<number>} the exit code */
export async function test(argv) {
  const request = parse(argv);
  if (request.message !== undefined) {
    console.log(request.message);
    return request.code;
  }
  const total = { passed: 0, failed: 0 };
  // Whoever runs at that moment ends in order and counts as failed; nothing else is begun.
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (interrupted = true));
  for (const [name, step] of request.built ? [] : [['install', ensureInstalled], ['build', build]]) {
    const ok = await report(name, step);
    if (!ok) return finish({ passed: 0, failed: 1 });
  }
  const chosen = Object.entries(checks).filter(([name]) => request.only.has(name));
  for (const ok of await each(chosen, 2, ([name, check]) => report(name, check))) total[ok ? 'passed' : 'failed'] += 1;
  for (const { kinds, workers, minutes } of jestRuns) {
    const wanted = kinds.filter((kind) => request.only.has(kind));
    if (wanted.length === 0 || interrupted) continue;
    const { passed, failed } = await runJest(wanted, workers, request.patterns, minutes * 60_000);
    total.passed += passed;
    total.failed += failed;
  }
  if (interrupted) total.failed += 1;
  return finish(total);
}

function parse(argv) {
  const only = new Set([...Object.keys(checks), ...kindNames]);
  const patterns = [];
  let built = false;
  for (let at = 0; at < argv.length; at++) {
    if (argv[at] === '--help' || argv[at] === '-h') return { message: HELP, code: 0 };
    if (argv[at] === '--only' || argv[at].startsWith('--only=')) {
      const names = (argv[at].split('=')[1] ?? argv[++at] ?? '').split(',');
      const unknown = names.find((name) => !(name in checks) && !kindNames.includes(name));
      if (unknown !== undefined) return { message: `There is no part "${unknown}".\n${HELP}`, code: 2 };
      only.clear();
      for (const name of names) only.add(name);
    } else if (argv[at] === '--built') built = true;
    else if (argv[at].startsWith('-')) return { message: `There is no option ${argv[at]}.\n${HELP}`, code: 2 };
    else patterns.push(argv[at]);
  }
  return { only, patterns, built };
}

async function report(name, step) {
  const began = performance.now();
  const { ok, output, done = true } = await step().catch((error) => ({ ok: false, output: error.stack }));
  if (ok && !done) return true;
  console.log(`${ok ? '✓' : '✗'} ${name}  ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (!ok) console.log(output.trimEnd());
  return ok;
}

function finish({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}
