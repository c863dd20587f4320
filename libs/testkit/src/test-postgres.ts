import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@hooklane/embedded-postgres';

const PREFIX = 'hooklane-test-postgres-';

/** Starts the server of a test run, in a temporary directory that goes with it. Nothing of it survives a power cut, which is what makes it quick. */
export async function startTestPostgres(): Promise<{ address: string; stop: () => Promise<void> }> {
  removeAbandoned();
  const home = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // Open to the user that the server runs as when root runs the tests.
  chmodSync(home, 0o711);
  const server = await startEmbeddedPostgres({
    dataDir: join(home, 'postgres'),
    walBytes: 0,
    maxConnections: 400,
    parameters: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', min_wal_size: '80MB' },
  });
  const remove = (): void => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  const atExit = (): void => endHard(home);
  process.once('exit', atExit);
  return {
    address: server.url,
    stop: async () => {
      process.off('exit', atExit);
      await server.stop();
      remove();
    },
  };
}

/** Runs that were killed could not end their servers; their directories carry the process number of the run. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) endHard(join(tmpdir(), name));
  }
}

function endHard(home: string): void {
  try {
    const [pid, pgData] = readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n');
    const command = spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout ?? '';
    // SIGQUIT is Postgres' immediate shutdown: it takes its backends along.
    if (pgData !== undefined && command.includes(pgData)) process.kill(Number(pid), 'SIGQUIT');
  } catch {
    // No pid file, or no such process: it has ended already.
  }
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
