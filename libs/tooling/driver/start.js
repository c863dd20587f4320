import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildChanged } from './build-stamp.js';
import { ensureInstalled } from './install.js';
import { root } from './root.js';

const HELP = `npm start                        installs and builds what changed, then runs Hooklane until Ctrl-C
npm start -- --new-admin-key     prints another admin key, also while Hooklane runs
npm start -- --rebuild-log       empties the read models of the log; the next start builds them again from the event log
npm start -- --reset [--yes]     deletes all data, after asking or with --yes
npm start -- --help

Environment:
  HOOKLANE_PORT        HTTP: REST, inbox, metrics, health. Default 8080
  HOOKLANE_GRPC_PORT   gRPC. Default 8081
  HOOKLANE_DATA_DIR    everything that is kept. Default ./.hooklane
  HOOKLANE_ADMIN_KEY   makes this (16 characters or more) the first admin key
  DATABASE_URL         a Postgres 15 or later to use instead of the embedded one
All others: docs/configuration.md`;

const COMMANDS = { '--new-admin-key': 'new-admin-key.js', '--rebuild-log': 'rebuild-log.js', '--reset': 'reset.js' };
/** What the binaries we install exist for: Postgres, the compilers, the build. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];
const EXIT_USAGE = 64;

/** @param {string[]} argv */
export async function start(argv) {
  const known = new Set(['--help', '-h', '--yes', ...Object.keys(COMMANDS)]);
  const unknown = argv.find((word) => !known.has(word));
  if (unknown !== undefined) return end(`"${unknown}" is not an option of npm start; "npm start -- --help" lists them.`, EXIT_USAGE);
  if (argv.includes('--help') || argv.includes('-h')) return console.log(HELP);
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) return end(`Hooklane's build tools and its embedded Postgres do not exist for ${platform}; they do for ${PLATFORMS.join(', ')}.`, 1);

  const chosen = Object.keys(COMMANDS).filter((command) => argv.includes(command));
  if (chosen.length > 1) return end(`Give one of ${chosen.join(' and ')}.`, EXIT_USAGE);
  if (!(await prepare())) return;

  // Paths are meant from where the person stands, which npm keeps in INIT_CWD; without one the data lies in the checkout.
  const dataDir = process.env.HOOKLANE_DATA_DIR || join(root, '.hooklane');
  process.env.HOOKLANE_DATA_DIR = isAbsolute(dataDir) ? dataDir : resolve(process.env.INIT_CWD ?? process.cwd(), dataDir);
  // Log lines between the lines to copy are noise; whoever wants them says so.
  process.env.HOOKLANE_LOG_LEVEL ||= 'warn';
  process.setSourceMapsEnabled(true);
  const entry = COMMANDS[chosen[0]] ?? 'main.js';
  await import(pathToFileURL(join(root, 'apps/all-in-one/dist', entry)).href);
}

/** @returns whether everything is installed and built; otherwise the process is ending with the reason. */
async function prepare() {
  for (const [sentence, step] of [['Installing packages (once)…', ensureInstalled], ['Building…', buildChanged]]) {
    const timer = setTimeout(() => console.error(sentence), 500);
    const result = await step().catch((error) => ({ ok: false, output: reasonOf(error) }));
    clearTimeout(timer);
    if (!result.ok) {
      end(`${sentence.replace(/ ?\(once\)|…/g, '')} failed:\n${result.output.trim()}`, 1);
      return false;
    }
  }
  return true;
}

function reasonOf(error) {
  if (error.code === 'ENOSPC') return 'The disk is full.';
  if (error.code === 'EACCES' || error.code === 'EROFS') return `${error.path ?? dirname(root)} cannot be written.`;
  return error.stack ?? String(error);
}

function end(sentence, code) {
  console.error(sentence);
  process.exitCode = code;
}
