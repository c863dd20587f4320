import { runService } from '@hooklane/service-host';
import { embeddedBindings } from '@hooklane/service-host/embedded';
import { announce } from './announce.js';
import { newControlToken } from './control/control-file.js';
import { controlModule } from './control/control.module.js';
import { inboxModule } from './inbox/inbox.module.js';
import { services } from './modules.js';

const token = newControlToken();
await runService(
  { name: 'all-in-one', modules: [...services, inboxModule, controlModule(token)], bindings: embeddedBindings },
  (service) => announce(service, token),
);
