import { deliveryModule } from '@hooklane/delivery/module';
import { eventIngestModule } from '@hooklane/event-ingest/module';
import { fanoutModule } from '@hooklane/fanout/module';
import { logQueryModule } from '@hooklane/log-query/module';
import { registryModule } from '@hooklane/registry/module';
import type { ServiceModule } from '@hooklane/service-host';

/** The five services; the registry first, because the others know its hooks and keys by what it publishes. */
export const services: readonly ServiceModule[] = [registryModule, eventIngestModule, fanoutModule, deliveryModule, logQueryModule];
