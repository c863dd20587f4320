import { startService, type ServiceContext, type ServiceJob, type ServiceModule } from '@hooklane/service-host';
import { embeddedBindings } from '@hooklane/service-host/embedded';
import { toAppError } from '@hooklane/kernel';
import { openLogger } from '@hooklane/telemetry';
import { processEnvironment } from '@hooklane/service-host';
import { z } from 'zod';
import { services } from './modules.js';

/** `npm start -- --rebuild-log`: log-query's job `rebuild` on the embedded Postgres, which is started for it. A Hooklane that runs on the data directory keeps it from starting. */
async function rebuildLog(): Promise<string> {
  const { jobs, migrations } = services.find(({ name }) => name === 'log-query') as ServiceModule;
  const lent = lentDatabase(migrations);
  const environment = { ...processEnvironment, HOOKLANE_PORT: '0', HOOKLANE_GRPC_PORT: '0' };
  const service = await startService({ name: 'rebuild-log', modules: [lent.module], bindings: embeddedBindings, environment, logger: openLogger('silent') });
  try {
    return await (jobs as { rebuild: ServiceJob }).rebuild(lent.database());
  } finally {
    await service.stop('done');
  }
}

/** A service that does nothing: its process's database is what is wanted. */
function lentDatabase(migrations: ServiceModule['migrations']): { module: ServiceModule; database: () => ServiceContext['database'] } {
  class Nothing {}
  let database: ServiceContext['database'] | null = null;
  return {
    module: {
      name: 'control',
      config: z.object({}),
      migrations,
      grpc: [],
      register(context) {
        database = context.database;
        return { module: Nothing };
      },
    },
    database: () => database!,
  };
}

try {
  process.stdout.write(`${await rebuildLog()}\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${toAppError(error).message}\n`);
  process.exit(1);
}
