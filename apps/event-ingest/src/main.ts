import 'reflect-metadata';
import { runService } from '@hooklane/service-host';
import { kafkaBindings } from '@hooklane/service-host/kafka';
import { eventIngestModule } from './event-ingest.module.js';

await runService({ name: 'event-ingest', modules: [eventIngestModule], bindings: kafkaBindings });
