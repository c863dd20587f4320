import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { openLogger } from '@hooklane/telemetry';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import { z } from 'zod';
import { PublicRoute } from '../authorize.js';
import { embeddedBindings } from '../embedded/index.js';
import type { ServiceModule } from '../service-module.js';
import { startService, type RunningService } from './start-service.js';

let finish: () => void;
@Controller('/slow')
class SlowController {
  @Get()
  @PublicRoute()
  async answer(): Promise<object> {
    await new Promise<void>((resolve) => (finish = resolve));
    return { done: true };
  }
}
@Module({})
class SlowModule {}
const slowModule: ServiceModule = { name: 'log-query', config: z.object({}), migrations: null, grpc: [], register: () => ({ module: SlowModule, controllers: [SlowController] }) };

let directory: string;
let database: TestDatabase;
const running: RunningService[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'start-'));
  database = await testDatabase();
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop('test over');
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function start(environment: Record<string, string> = {}): Promise<RunningService> {
  const service = await startService({
    name: 'test',
    modules: [slowModule],
    bindings: embeddedBindings,
    logger: openLogger('silent'),
    environment: { HOOKLANE_PORT: '0', HOOKLANE_GRPC_PORT: '0', HOOKLANE_DATA_DIR: join(directory, 'data'), DATABASE_URL: database.url, ...environment },
  });
  running.push(service);
  return service;
}

const get = (service: RunningService, path: string): Promise<Response> => fetch(`http://127.0.0.1:${service.httpPort}${path}`);

describe('startService on embedded bindings', () => {
  it('answers operators, and is ready when every worker is', async () => {
    const service = await start();
    await service.ready;
    expect((await get(service, '/healthz')).status).toBe(200);
    expect(await (await get(service, '/readyz')).json()).toMatchObject({ status: 'ready', workers: expect.arrayContaining(['database', 'log', 'directory']) });
    expect(await (await get(service, '/version')).json()).toMatchObject({ name: 'test', mode: 'embedded', services: ['log-query'] });
    expect(await (await get(service, '/metrics')).text()).toContain('process_cpu_seconds_total');
  });

  it('refuses a second start on the same directory', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'data-directory-in-use' });
  });

  it('refuses a port that is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    await expect(start({ HOOKLANE_PORT: String((other.address() as AddressInfo).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => other.close(resolve));
  });

  it('starts again with the same key on the data it left, and not with another', async () => {
    await (await start()).stop('first over');
    await (await start()).stop('second over');
    rmSync(join(directory, 'data', 'master.key'));
    await expect(start()).rejects.toMatchObject({ code: 'master-key-lost' });
  });

  it('stops in order: unready, no new requests, those in flight answered', async () => {
    const service = await start();
    await service.ready;
    const inFlight = get(service, '/slow');
    while (!finish) await new Promise((resolve) => setTimeout(resolve, 5));
    const stopped = service.stop('told to');
    expect((await get(service, '/readyz')).status).toBe(503);
    const refused = await get(service, '/slow');
    expect([refused.status, refused.headers.get('connection'), ((await refused.json()) as { code: string }).code]).toEqual([503, 'close', 'not-ready']);
    finish();
    expect(await (await inFlight).json()).toEqual({ done: true });
    await stopped;
    await expect(get(service, '/healthz')).rejects.toThrow();
  });

  it('stops waiting for a database that never comes when it is told to', async () => {
    const stopping = new AbortController();
    const starting = startService(
      { name: 'test', modules: [], bindings: embeddedBindings, logger: openLogger('silent'), environment: { HOOKLANE_PORT: '0', HOOKLANE_DATA_DIR: join(directory, 'data'), DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x' } },
      stopping.signal,
    );
    setTimeout(() => stopping.abort(), 100);
    await expect(starting).rejects.toMatchObject({ code: 'not-ready' });
  });
});
