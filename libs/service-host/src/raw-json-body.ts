import { PATH_METADATA } from '@nestjs/common/constants.js';
import { RouteConfig } from '@nestjs/platform-fastify';

/** What the host reads from a route's Fastify config. */
export interface HostRouteConfig {
  readonly rawBody?: boolean;
  readonly maxBodyBytes?: number;
}

/** The handler's `@Body()` is the untouched Buffer, whatever its content type and encoding. Larger than `maxBodyBytes`: `too-large`. */
export function RawJsonBody(options: { readonly maxBodyBytes?: number } = {}): MethodDecorator {
  return RouteConfig({ rawBody: true, ...options } satisfies HostRouteConfig);
}

/** Another limit than the host's 1 MiB for the parsed body of one route. */
export function BodyLimit(maxBodyBytes: number): MethodDecorator {
  return RouteConfig({ maxBodyBytes } satisfies HostRouteConfig);
}

/** `RawJsonBody` on every route of a controller. */
export function RawBodies(): ClassDecorator {
  return (controller) => {
    const prototype = controller.prototype as object;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
      if (typeof descriptor?.value === 'function' && Reflect.hasMetadata(PATH_METADATA, descriptor.value as object)) RawJsonBody()(prototype, name, descriptor);
    }
  };
}
