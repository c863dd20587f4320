import { runService } from '@hooklane/service-host';
import { kafkaBindings } from '@hooklane/service-host/kafka';
import { registryModule } from './registry.module.js';

await runService({ name: 'registry', modules: [registryModule as never], bindings: kafkaBindings as never });
