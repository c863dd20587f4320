import { Module } from '@nestjs/common';
import type { ServiceModule } from '@hooklane/service-host';
import { z } from 'zod';
import { InboxHookSecrets } from './hook-secrets.js';
import { INBOX_CLOCK, INBOX_STORE, InboxController } from './inbox.controller.js';
import { InboxStore } from './inbox-store.js';

@Module({})
class InboxModule {}

/** The built-in receiver of `npm start`; no part of any service. */
export const inboxModule: ServiceModule<object> = {
  name: 'inbox',
  config: z.object({}),
  migrations: null,
  grpc: [],
  register: ({ directory, secretBox, clock }) => ({
    module: InboxModule,
    controllers: [InboxController],
    providers: [
      { provide: INBOX_CLOCK, useValue: clock },
      {
        provide: INBOX_STORE,
        useFactory: () => {
          const secrets = new InboxHookSecrets(directory, secretBox);
          return new InboxStore((inbox) => secrets.of(inbox));
        },
      },
    ],
  }),
};
