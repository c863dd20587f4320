import 'reflect-metadata';
import { processEnvironment, readConfig, runService } from '@hooklane/service-host';
import { kafkaBindings } from '@hooklane/service-host/kafka';
import { ensureFirstAdminKey } from './first-admin-key.js';
import { registryConfig } from './registry.config.js';
import { registryModule } from './registry.module.js';

await runService({ name: 'registry', modules: [registryModule], bindings: kafkaBindings }, (service) =>
  ensureFirstAdminKey(service, readConfig(registryConfig, processEnvironment).HOOKLANE_ADMIN_KEY !== undefined),
);
