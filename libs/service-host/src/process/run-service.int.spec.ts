import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
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

  it('begins to stop at the first signal, and ends at once at the second, with a line that says so', async () => {
    const env = { ...process.env, NODE_OPTIONS: '', HOOKLANE_PORT: '0', HOOKLANE_DATA_DIR: directory, DATABASE_URL: database.url, HOOKLANE_LOG_LEVEL: 'silent' };
    child = spawn(process.execPath, ['--input-type=module', '-e', STUBBORN], { cwd: import.meta.dirname, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(child, 'close');
    const said = (line: string): Promise<true> => eventually(() => output.includes(line), `the line "${line}"`, 60_000);
    await said('started');
    child.kill('SIGINT');
    await said('stopping');
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(output.split('\n').filter(Boolean)).toEqual(['started', 'stopping', expect.stringMatching(/^SIGINT a second time: ended at once/)]);
  }, 120_000);
});
