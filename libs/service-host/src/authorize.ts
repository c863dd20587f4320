import { SetMetadata } from '@nestjs/common';
import type { Scope } from '@hooklane/contracts';

/** What a handler asks of the caller; read by the ApiKeyGuard. */
export interface AccessRule {
  /** Null: open to everybody. */
  readonly scope: Scope | null;
  /** For routes without a tenant in their address: whether a key of one tenant may call it. The handler then narrows what it shows to `principal.tenantId`. */
  readonly tenantKeys: 'refused' | 'narrowed';
}

export const ACCESS_RULE = 'hooklane:access-rule';

/**
 * The caller needs an API key with `scope` (or `admin`). The tenant is taken from the route parameter `tenant`, or from the gRPC request's field `tenant`:
 * a key of another tenant gets `not-found`. Where there is no tenant the thing belongs to the platform, and a tenant's key gets `not-found` too,
 * unless `tenantKeys: 'narrowed'`. For a gRPC request stream the tenant is in each message: the handler calls `assertTenant`.
 */
export function Authorize(scope: Scope, options: Partial<Pick<AccessRule, 'tenantKeys'>> = {}): MethodDecorator & ClassDecorator {
  return SetMetadata<string, AccessRule>(ACCESS_RULE, { scope, tenantKeys: options.tenantKeys ?? 'refused' });
}

/** Open to everybody. A handler with neither this nor `@Authorize` is refused at start. */
export function PublicRoute(): MethodDecorator & ClassDecorator {
  return SetMetadata<string, AccessRule>(ACCESS_RULE, { scope: null, tenantKeys: 'narrowed' });
}
