import { ModulesContainer } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import { ACCESS_RULE } from '../authorize.js';
import { LOG_TRANSPORT } from '../consumes-topic.js';

// Nest's own metadata keys of routes and message handlers.
const ROUTE_PATH = 'path';
const MESSAGE_PATTERN = 'microservices:pattern';
const MESSAGE_TRANSPORT = 'microservices:transport';

/** @throws when a handler says neither who may call it nor that everybody may: forgetting it must not open a door. */
export function assertAccessRules(app: INestApplication): void {
  const open: string[] = [];
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype === 'function') open.push(...unruledMethods(metatype as { name: string; prototype: unknown }));
    }
  }
  if (open.length > 0) throw new Error(`Handlers need @Authorize or @PublicRoute: ${open.join(', ')}.`);
}

function unruledMethods(controller: { readonly name: string; readonly prototype: unknown }): string[] {
  if (Reflect.hasMetadata(ACCESS_RULE, controller)) return [];
  const prototype = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor')
    .filter((name) => {
      const method = Object.getOwnPropertyDescriptor(prototype, name)?.value as object | undefined;
      return typeof method === 'function' && isCallable(method) && !Reflect.hasMetadata(ACCESS_RULE, method);
    })
    .map((name) => `${controller.name}.${name}`);
}

function isCallable(method: object): boolean {
  if (Reflect.hasMetadata(ROUTE_PATH, method)) return true;
  return Reflect.hasMetadata(MESSAGE_PATTERN, method) && Reflect.getMetadata(MESSAGE_TRANSPORT, method) !== LOG_TRANSPORT;
}
