import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type RunningService } from '@hooklane/service-host';
import { embeddedBindings } from '@hooklane/service-host/embedded';
import { openLogger } from '@hooklane/telemetry';
import { testDatabase } from '@hooklane/testkit';
import { controlModule } from '../../src/control/control.module.js';
import { inboxModule } from '../../src/inbox/inbox.module.js';
import { services } from '../../src/modules.js';

export interface AllInOne {
  readonly service: RunningService;
  readonly adminKey: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

export const CONTROL_TOKEN = 'control-token-of-the-specs';

/** The composition that `npm start` runs, on a database of the test run. */
export async function startAllInOne(): Promise<AllInOne> {
  const directory = mkdtempSync(join(tmpdir(), 'all-in-one-'));
  const database = await testDatabase();
  const service = await startService({
    name: 'all-in-one',
    modules: [...services, inboxModule, controlModule(CONTROL_TOKEN)],
    bindings: embeddedBindings,
    logger: openLogger('silent'),
    environment: { HOOKLANE_PORT: '0', HOOKLANE_GRPC_PORT: '0', HOOKLANE_DATA_DIR: join(directory, 'data'), DATABASE_URL: database.url },
  });
  const adminKey = (await service.adminKeys!.ensureFirst())!;
  await service.ready;
  return {
    service,
    adminKey,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`http://127.0.0.1:${service.httpPort}${path}`, {
        method,
        headers: { authorization: `Bearer ${adminKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
    },
    async stop() {
      await service.stop('test over');
      await database.drop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
