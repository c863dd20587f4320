import 'reflect-metadata';
import { runService } from '@hooklane/service-host';
import { kafkaBindings } from '@hooklane/service-host/kafka';
import { deliveryModule } from './delivery.module.js';

await runService({ name: 'delivery', modules: [deliveryModule], bindings: kafkaBindings });
