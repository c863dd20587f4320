import { Module } from '@nestjs/common';
import type { ServiceModule } from '@hooklane/service-host';
import { z } from 'zod';
import { CONTROL_TOKEN, ControlController } from './control.controller.js';

@Module({})
class ControlModule {}

/** The route by which another command of the same user reaches this process. @param token what that command must show */
export function controlModule(token: string): ServiceModule<object> {
  return {
    name: 'control',
    config: z.object({}),
    migrations: null,
    grpc: [],
    register: () => ({ module: ControlModule, controllers: [ControlController], providers: [{ provide: CONTROL_TOKEN, useValue: token }] }),
  };
}
