import 'reflect-metadata';
import { runService } from '@hooklane/service-host';
import { kafkaBindings } from '@hooklane/service-host/kafka';
import { logQueryModule } from './log-query.module.js';

await runService({ name: 'log-query', modules: [logQueryModule], bindings: kafkaBindings });
