import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, testDatabase, type TestDatabase } from '@hooklane/testkit';

/** A service that never comes to the end of its shutdown by itself. */
const STUBBORN = `
import { runService } from '@hooklane/service-host';
import { embeddedBindings } from '@hooklane/service-host/embedded';
import { z } from 'zod';

class StubbornModule {}
const stubborn = { beforeApplicationShutdown: () => (console.log('stopping'), new Promise(() => undefined)) };
const module = { name: 'inbox', config: z.object({}), migrations: null, grpc: [], register: () => ({ module: StubbornModule, providers: [{ provide: 'stubborn', useValue: stubborn }] }) };
await runService({ name: 'test', modules: [module], bindings: embeddedBindings }, () => console.log('started'));`;

describe('runService', () => {
  let database: TestDatabase;
  let directory: string;
  let child: ChildProcess | null = null;

  beforeAll(async () => {
    database = await testDatabase();
    directory = mkdtempSync(join(tmpdir(), 'hooklane-run-service-'));
  }, 60_000);

  afterAll(async () => {
    child?.kill('SIGKILL');
    await database?.drop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  /** Starts the stubborn service and tells it twice to end. @returns its output and how it ended */
  async function interruptTwice(more: Record<string, string>, whileStopping: () => void = () => undefined): Promise<{ output: string; ended: unknown[] }> {
    const env = { ...process.env, NODE_OPTIONS: '', HOOKLANE_PORT: '0', HOOKLANE_LOG_LEVEL: 'silent', ...more };
    child = spawn(process.execPath, ['--input-type=module', '-e', STUBBORN], { cwd: import.meta.dirname, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const closed = once(child, 'close');
    const said = (line: string): Promise<true> => eventually(() => output.includes(line), `the line "${line}"`, 60_000);
    await said('started');
    child.kill('SIGINT');
    await said('stopping');
    whileStopping();
    child.kill('SIGINT');
    return { ended: await closed, output };
  }

  it('begins to stop at the first signal, and ends at once at the second, with a line that says so', async () => {
    const { ended, output } = await interruptTwice({ HOOKLANE_DATA_DIR: directory, DATABASE_URL: database.url });
    expect(ended).toEqual([130, null]);
    expect(output.split('\n').filter(Boolean)).toEqual(['started', 'stopping', expect.stringMatching(/^SIGINT a second time: ended at once/)]);
  }, 120_000);

  it('takes the embedded Postgres along at the second signal', async () => {
    // Root's server runs as somebody else, who has to be able to enter.
    chmodSync(directory, 0o755);
    const dataDir = join(directory, 'own');
    let postmaster = 0;
    const { ended } = await interruptTwice({ HOOKLANE_DATA_DIR: dataDir, DATABASE_URL: '' }, () => {
      postmaster = Number(readFileSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
      expect(isAlive(postmaster)).toBe(true);
    });
    expect(ended).toEqual([130, null]);
    await eventually(() => !isAlive(postmaster), 'the end of the server', 10_000);
  }, 120_000);
});

/** What ended keeps its number until its parent asks for its fate. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
