import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openLogger } from '@hooklane/telemetry';
import { freePort, sharedKafka, testDatabase, type TestDatabase } from '@hooklane/testkit';
import { isAppError } from '@hooklane/kernel';
import { startService, type RunningService } from '../process/start-service.js';
import { kafkaBindings } from './index.js';
import { migrateJob } from './migrate-job.js';
import { topicsJob } from './topics-job.js';

let database: TestDatabase;
let environment: Record<string, string>;
const running: RunningService[] = [];

beforeEach(async () => {
  database = await testDatabase();
  const { brokers } = await sharedKafka();
  environment = {
    HOOKLANE_PORT: '0',
    HOOKLANE_HOST: '127.0.0.1',
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: `host-${randomBytes(4).toString('hex')}.`,
    DATABASE_URL: database.url,
    HOOKLANE_MASTER_KEY: randomBytes(32).toString('base64'),
    HOOKLANE_PARTITIONS: '2',
    HOOKLANE_REPLICATION_FACTOR: '1',
    HOOKLANE_MIN_INSYNC_REPLICAS: '1',
    HOOKLANE_ALLOW_SINGLE_COPY: 'true',
  };
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop('test over');
  await database.drop();
});

const logger = openLogger('silent');
const job = (args: string[] = []): { args: string[]; environment: Record<string, string>; migrations: []; logger: typeof logger; stopping: AbortSignal } => ({ args, environment, migrations: [], logger, stopping: new AbortController().signal });

async function start(more: Record<string, string> = {}): Promise<RunningService> {
  const service = await startService({ name: 'test', modules: [], bindings: kafkaBindings, logger, environment: { ...environment, ...more } });
  running.push(service);
  return service;
}

async function notReady(port: number): Promise<{ worker: string; reason: string }[]> {
  return ((await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()) as { notReady: { worker: string; reason: string }[] }).notReady;
}

describe('kafkaBindings', () => {
  it('start once both jobs have run, and know the lineage that the topics job named', async () => {
    await topicsJob(job());
    await topicsJob(job(['--check']));
    await migrateJob(job());
    const service = await start();
    await service.ready;
    expect(await (await fetch(`http://127.0.0.1:${service.httpPort}/version`)).json()).toMatchObject({ mode: 'distributed' });
  }, 60_000);

  it('wait, alive and saying for what, until the jobs have run', async () => {
    const port = String(await freePort());
    const starting = start({ HOOKLANE_PORT: port });
    for (;;) {
      const reasons = (await notReady(Number(port)).catch(() => [])).map(({ reason }) => reason).join(' ');
      if (/migrate job/.test(reasons) && /topic/i.test(reasons)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    await migrateJob(job());
    await topicsJob(job());
    await (await starting).ready;
  }, 60_000);

  it('do not start with another master key than the database was sealed with', async () => {
    await topicsJob(job());
    await (await start({ HOOKLANE_MIGRATE_AT_START: 'true' })).stop('over');
    await expect(start({ HOOKLANE_MASTER_KEY: randomBytes(32).toString('base64') })).rejects.toMatchObject({ code: 'master-key-wrong' });
  }, 60_000);

  it('need a master key, and brokers that hold more than one copy unless told otherwise', async () => {
    await expect(start({ HOOKLANE_MASTER_KEY: '' })).rejects.toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining('HOOKLANE_MASTER_KEY') });
    environment['HOOKLANE_ALLOW_SINGLE_COPY'] = 'false';
    const refused = await topicsJob(job()).catch((error: unknown) => error);
    expect(isAppError(refused, 'unsafe-replication')).toBe(true);
  });
});
