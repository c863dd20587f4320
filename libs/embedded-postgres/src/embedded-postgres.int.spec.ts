import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { endEmbeddedPostgresAtOnce } from './end-at-once.js';
import { isAlive, livePostmaster } from './postmaster.js';

// Under /tmp, because the server's user has to reach it when the suite runs as root.
jest.setTimeout(60_000);
const SMALL = { walBytes: 0, parameters: { fsync: 'off' } };

describe('startEmbeddedPostgres', () => {
  let dataDir: string;
  let started: EmbeddedPostgres[] = [];
  let children: ChildProcess[] = [];

  beforeEach(() => {
    dataDir = join(mkdtempSync('/tmp/hooklane-embedded-postgres-'), 'postgres');
    // Only the last folder is the launcher's own; mkdtemp closes the one above.
    chmodSync(join(dataDir, '..'), 0o755);
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const server of started) await server.stop();
    const orphan = livePostmaster(join(dataDir, 'data'));
    if (orphan !== null) process.kill(orphan.pid, 'SIGQUIT');
    while (orphan !== null && isAlive(orphan.pid)) await sleep(10);
    rmSync(join(dataDir, '..'), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    started = [];
    children = [];
  });

  const start = async (more: object = {}): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ dataDir, ...SMALL, ...more });
    started.push(server);
    return server;
  };

  it('keeps its rows over a stop and a second start, and leaves no process and no unfinished folder', async () => {
    const first = await start();
    expect(await query(first.url, "CREATE TABLE t AS SELECT 'kept' AS word; SELECT pg_encoding_to_char(encoding) AS e, datlocale FROM pg_database WHERE datname = 'postgres'")).toEqual([{ e: 'UTF8', datlocale: 'C.UTF-8' }]);
    const pid = first.pid();
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'SELECT word FROM t')).toEqual([{ word: 'kept' }]);
    expect(readdirSync(dataDir).sort()).toEqual(['data', 'server.log']);
  });

  it('lays out the write-ahead log at the first start, and the server uses those segments', async () => {
    const server = await start({ walBytes: 64 * 1024 * 1024 });
    expect(readdirSync(join(dataDir, 'data', 'pg_wal')).filter((name) => name.startsWith('0000'))).toHaveLength(4);
    await query(server.url, 'SELECT pg_switch_wal(); CREATE TABLE t (); SELECT pg_switch_wal(); CREATE TABLE u (); SELECT pg_walfile_name(pg_current_wal_lsn()) AS name');
    await server.stop();
    expect(await query((await start()).url, 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 0 }]);
  });

  it('asks for the password, which only its owner can read', async () => {
    const server = await start();
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(dataDir, 'data', 'hooklane.password')).mode & 0o777).toBe(0o600);
  });

  it('can be reached by a socket in its own folder, also when it was killed, which leaves the old socket there', async () => {
    const first = await start();
    expect(new URL(first.socketUrl).hostname).toBe(encodeURIComponent(join(dataDir, 'data')));
    expect(await query(first.socketUrl, 'SELECT inet_client_addr() AS address')).toEqual([{ address: null }]);
    const pid = first.pid();
    process.kill(pid, 'SIGKILL');
    while (first.pid() === pid) await sleep(20);
    expect(await query(first.socketUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await first.stop();
    writeFileSync(join(dataDir, 'data', '.s.PGSQL.5432.lock'), `${process.pid}\n`);
    await start();
    expect(readdirSync(join(dataDir, 'data')).filter((name) => name.startsWith('.s.PGSQL.'))).toHaveLength(2);
  });

  it('does without the socket where its path would be too long', async () => {
    dataDir = join(dataDir, '..', 'd'.repeat(80), 'postgres');
    mkdirSync(join(dataDir, '..'), { mode: 0o755 });
    const server = await start();
    expect(server.socketUrl).toBe(server.url);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('takes over the server of a process that was killed, and ends it when stopped', async () => {
    const { child, url } = await startInAnotherProcess();
    await query(url, "CREATE TABLE t AS SELECT 'kept' AS word");
    child.kill('SIGKILL');
    const server = await start();
    expect(server.adopted).toBe(true);
    expect(server.url).toBe(url);
    expect(await query(server.url, 'SELECT word FROM t')).toEqual([{ word: 'kept' }]);
    const pid = server.pid();
    await server.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('can be told to end at once, without waiting and without losing what was committed', async () => {
    const { child, url } = await startInAnotherProcess();
    await query(url, "CREATE TABLE t AS SELECT 'kept' AS word");
    child.kill('SIGKILL');
    const { pid } = livePostmaster(join(dataDir, 'data'))!;
    endEmbeddedPostgresAtOnce(dataDir);
    while (isAlive(pid)) await sleep(5);
    // Nobody is left to tell.
    endEmbeddedPostgresAtOnce(dataDir);
    const server = await start({ parameters: {} });
    expect([server.adopted, await query(server.url, 'SELECT word FROM t')]).toEqual([false, [{ word: 'kept' }]]);
  });

  it('starts after its parent was killed at any moment of the first start', async () => {
    for (const afterMs of [50, 150, 300, 450, 600, 800]) {
      const child = otherProcess();
      await sleep(afterMs);
      child.kill('SIGKILL');
      const server = await startEmbeddedPostgres({ dataDir, ...SMALL });
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 });
    }
  });

  it('starts while the backends of a killed server are still there', async () => {
    const { child, url } = await startInAnotherProcess();
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query("CREATE TABLE t AS SELECT 'kept' AS word");
    child.kill('SIGKILL');
    const { pid } = livePostmaster(join(dataDir, 'data'))!;
    process.kill(pid, 'SIGKILL');
    // Until the kernel has carried it out, the server is one to adopt.
    while (isAlive(pid)) await sleep(5);
    expect(await query((await start()).url, 'SELECT word FROM t')).toEqual([{ word: 'kept' }]);
    await client.end().catch(() => undefined);
  });

  it('is not misled by a pid file whose number belongs to another program now', async () => {
    await (await start()).stop();
    const stranger = spawn('sleep', ['60'], { ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}) });
    children.push(stranger);
    writeFileSync(join(dataDir, 'data', 'postmaster.pid'), `${stranger.pid}\n${join(dataDir, 'data')}\n1\n5432\n\n127.0.0.1\n 1 1\nready   \n`);
    const server = await start();
    expect(server.adopted).toBe(false);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(isAlive(stranger.pid!)).toBe(true);
  });

  it('starts a server that died again, on the same address', async () => {
    const told: string[] = [];
    const server = await start({ onTrouble: (sentence: string) => told.push(sentence) });
    const pid = server.pid();
    process.kill(pid, 'SIGKILL');
    while (server.pid() === pid) await sleep(20);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(told.join(' ')).toMatch(/ended unexpectedly.*back/);
  });

  it('names the port when the one asked for is in use', async () => {
    const holder = createServer();
    await new Promise<void>((done) => holder.listen(0, '127.0.0.1', done));
    const { port } = holder.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({ code: 'port-in-use', message: expect.stringContaining(String(port)) as unknown });
    await new Promise((done) => holder.close(done));
  });

  it('names the directory that it cannot use', async () => {
    writeFileSync(dataDir, 'a file');
    await expect(start()).rejects.toMatchObject({ code: 'unusable-data-directory', message: expect.stringContaining(dataDir) as unknown });
  });

  it('names the directory that only root can enter', async () => {
    if (process.getuid?.() !== 0) return;
    mkdirSync(dataDir);
    mkdirSync(join(dataDir, 'closed'), { mode: 0o700 });
    const closed = join(dataDir, 'closed');
    await expect(startEmbeddedPostgres({ dataDir: join(closed, 'deeper', 'postgres'), ...SMALL })).rejects.toMatchObject({ code: 'unusable-data-directory', message: expect.stringContaining(closed) as unknown });
  });

  function otherProcess(): ChildProcess {
    const script = `import { startEmbeddedPostgres } from '@hooklane/embedded-postgres';
      const server = await startEmbeddedPostgres(${JSON.stringify({ dataDir, ...SMALL })});
      console.log(server.url);
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }

  async function startInAnotherProcess(): Promise<{ child: ChildProcess; url: string }> {
    const child = otherProcess();
    const url = await new Promise<string>((done) => child.stdout!.once('data', (line: Buffer) => done(line.toString().trim())));
    return { child, url };
  }
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result: unknown = await client.query(sql);
    return ((Array.isArray(result) ? result.at(-1) : result) as { rows: unknown[] }).rows;
  } finally {
    await client.end();
  }
}
