import 'reflect-metadata';
import { runService } from '@hooklane/service-host';
import { kafkaBindings } from '@hooklane/service-host/kafka';
import { fanoutModule } from './fanout.module.js';

await runService({ name: 'fanout', modules: [fanoutModule], bindings: kafkaBindings });
