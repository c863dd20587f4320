import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Platform } from './platform/platform.js';
import { repositoryRoot } from './platform/repository.js';
import { readServiceTable } from './platform/service-table.js';
import { startSplitPlatform } from './platform/split-platform.js';

const HELP = `npm run split                    the five services on Kafka and Postgres, without docker, until Ctrl-C

Environment:
  HOOKLANE_PORT        REST of all services, behind one address. Default 8080; each service's own ports are in deploy/services.json
  HOOKLANE_SPLIT_DIR   data, keys and logs. Default ./.hooklane/split
  KAFKA_BROKERS        a Kafka 4.1 to use instead of one started with the installed Java (JDK 17 or newer, and Maven to fetch it once)
`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
if (values.help) process.stdout.write(HELP);
else await split();

/** Runs the split stack for a person: says where it is, and stops all of it on Ctrl-C. */
async function split(): Promise<void> {
  const directory = resolve(process.env['INIT_CWD'] ?? '.', process.env['HOOKLANE_SPLIT_DIR'] || join(repositoryRoot, '.hooklane', 'split'));
  mkdirSync(directory, { recursive: true });
  let stopping = false;
  let platform: Platform | null = null;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
    stopping = true;
    process.stdout.write('\n  Stopping…\n');
    // What is still being started ends with this process.
    if (platform === null) process.exit(0);
    void platform.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Whoever started us is gone without a word.
  process.on('disconnect', () => stop('SIGTERM'));
  process.stdout.write('  Starting Postgres, Kafka and five services…\n');
  try {
    platform = await startSplitPlatform({ directory, proxyPort: Number(process.env['HOOKLANE_PORT'] || 8080), env: { HOOKLANE_LOG_LEVEL: process.env['HOOKLANE_LOG_LEVEL'] || 'info' } });
    process.stdout.write(welcome(platform, directory));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

function welcome({ url, processes, adminKey }: Platform, directory: string): string {
  const pids = new Map(processes().map(({ name, pid }) => [name, pid]));
  const services = readServiceTable().services.map(
    ({ name, httpPort, grpcPort }) => `    ${name.padEnd(13)} http://127.0.0.1:${httpPort}   gRPC 127.0.0.1:${grpcPort}   process ${pids.get(name)}`,
  );
  return [
    '',
    '  Hooklane is running distributed: five services on Kafka and Postgres.',
    '',
    `    REST          ${url}/v1`,
    ...services,
    `    data, logs    ${directory}`,
    '',
    `  Admin key (kept in ${join(directory, 'secrets.json')}):`,
    '',
    `    ${adminKey}`,
    '',
    '  Hooks may reach this machine. Ctrl-C stops everything.',
    '',
  ].join('\n');
}
