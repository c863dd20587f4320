import { embeddedConfig } from '@hooklane/service-host/embedded';
import { processEnvironment, readConfig, version, type RunningService } from '@hooklane/service-host';
import { resolve } from 'node:path';
import { writeControlFile } from './control/control-file.js';
import { baseUrl, DEMO_TENANT, welcome } from './welcome.js';

/** When everything is ready: the first admin key, the tenant of the lines to copy, the control file, the welcome. */
export async function announce(service: RunningService, controlToken: string): Promise<void> {
  const dataDir = resolve(readConfig(embeddedConfig, processEnvironment).HOOKLANE_DATA_DIR);
  const firstAdminKey = (await service.adminKeys?.ensureFirst()) ?? null;
  await service.ready;
  if (firstAdminKey !== null) await makeDemoTenant(service, firstAdminKey);
  writeControlFile(dataDir, { url: baseUrl(service), token: controlToken });
  const isConfiguredKey = Boolean(processEnvironment['HOOKLANE_ADMIN_KEY']);
  process.stdout.write(welcome({ service, dataDir, version, firstAdminKey, isConfiguredKey, readyAfterMs: performance.now() }));
}

/** Over the API, as its owner would. */
async function makeDemoTenant(service: RunningService, key: string): Promise<void> {
  const answer = await fetch(`${baseUrl(service)}/v1/tenants/${DEMO_TENANT}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Demo' }),
  });
  if (!answer.ok) service.logger.warn('the demo tenant could not be made', { status: answer.status, answer: await answer.text() });
}
