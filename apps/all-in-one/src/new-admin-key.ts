import { processEnvironment, readConfig, startService, type AdminKeys } from '@hooklane/service-host';
import { embeddedBindings, embeddedConfig } from '@hooklane/service-host/embedded';
import { toAppError } from '@hooklane/kernel';
import { openLogger } from '@hooklane/telemetry';
import { readControlFile } from './control/control-file.js';
import { services } from './modules.js';

/** Prints another admin key: made by the Hooklane that runs on the data directory, or else by the registry started for a moment. */
async function newAdminKey(): Promise<string> {
  const dataDir = readConfig(embeddedConfig, processEnvironment).HOOKLANE_DATA_DIR;
  return (await askRunning(dataDir)) ?? (await startForIt());
}

async function askRunning(dataDir: string): Promise<string | null> {
  const control = readControlFile(dataDir);
  if (!control) return null;
  try {
    const answer = await fetch(`${control.url}/control/admin-keys`, { method: 'POST', headers: { 'x-control-token': control.token } });
    return answer.ok ? ((await answer.json()) as { key: string }).key : null;
  } catch {
    // Nobody listens there any more: a file that a killed process left.
    return null;
  }
}

async function startForIt(): Promise<string> {
  const registry = services.filter(({ name }) => name === 'registry');
  const environment = { ...processEnvironment, HOOKLANE_PORT: '0', HOOKLANE_GRPC_PORT: '0' };
  const service = await startService({ name: 'new-admin-key', modules: registry, bindings: embeddedBindings, environment, logger: openLogger('silent') });
  try {
    await service.ready;
    return await (service.adminKeys as AdminKeys).create('command-line');
  } finally {
    await service.stop('done');
  }
}

try {
  process.stdout.write(`${await newAdminKey()}\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${toAppError(error).message}\n`);
  process.exit(1);
}
