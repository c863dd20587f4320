import { runService } from '@hooklane/service-host';
import { embeddedBindings } from '@hooklane/service-host/embedded';
import { deliveryModule } from '@hooklane/delivery/module';
import { eventIngestModule } from '@hooklane/event-ingest/module';
import { fanoutModule } from '@hooklane/fanout/module';
import { registryModule } from '@hooklane/registry/module';
await runService({ name: 'all-in-one', modules: [registryModule, eventIngestModule, fanoutModule, deliveryModule], bindings: embeddedBindings }, async (s) => { await s.adminKeys.ensureFirst(); });
