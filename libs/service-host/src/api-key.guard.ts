import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { AppError } from '@hooklane/kernel';
import type { Principal } from '@hooklane/directory';
import { ACCESS_RULE, type AccessRule } from './authorize.js';
import { rememberPrincipal } from './current-principal.js';
import type { PeerPasses } from './peers/peer-pass.js';

/** What the guard needs to know; `@hooklane/directory` has it. */
export interface Authenticator {
  /** @throws AppError `unauthenticated`, or `log-unavailable` when `strict` and it cannot be known whether the key is still good; now or later. */
  authenticate(apiKey: string | undefined, options: { readonly strict: boolean }): Principal | Promise<Principal>;
}

/** One guard for REST and gRPC, put on the application by the host. It sits on the ingest path: two look-ups, and a promise only where the answer needs one. */
export class ApiKeyGuard implements CanActivate {
  private readonly rules = new WeakMap<object, AccessRule | undefined>();

  constructor(
    private readonly authenticator: Authenticator,
    private readonly passes: Pick<PeerPasses, 'isPass' | 'admit'>,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const rule = this.ruleOf(context);
    if (!rule) throw new AppError('not-found', `No access rule on ${context.getClass().name}.${context.getHandler().name}.`, { publicMessage: 'There is no such route.' });
    if (rule.scope === null) return true;
    const call = callOf(context);
    const token = bearerOf(call.authorization);
    if (token !== undefined && call.isRpc && this.passes.isPass(token)) return this.admit(this.passes.admit(token), rule, call);
    // While the log is away a publisher gets 503 either way; whoever reads is answered from what is known.
    const strict = rule.scope === 'publish';
    const principal = this.authenticator.authenticate(token, { strict });
    return principal instanceof Promise ? principal.then((known) => this.admit(known, rule, call)) : this.admit(principal, rule, call);
  }

  private admit(principal: Principal, rule: AccessRule, call: Call): boolean {
    if (call.tenant !== 'later') assertTenant(principal, call.tenant, rule);
    assertScope(principal, rule);
    rememberPrincipal(call.carrier, principal);
    return true;
  }

  private ruleOf(context: ExecutionContext): AccessRule | undefined {
    const handler = context.getHandler();
    if (this.rules.has(handler)) return this.rules.get(handler);
    const rule = (Reflect.getMetadata(ACCESS_RULE, handler) ?? Reflect.getMetadata(ACCESS_RULE, context.getClass())) as AccessRule | undefined;
    this.rules.set(handler, rule);
    return rule;
  }
}

/**
 * For handlers that learn the tenant from a message of a stream.
 * @throws AppError `not-found` when the principal may not touch `tenantId`: what belongs to others does not exist.
 */
export function assertTenant(principal: Principal, tenantId: string | undefined, rule: Pick<AccessRule, 'tenantKeys'> = { tenantKeys: 'refused' }): void {
  if (principal.tenantId === null || principal.tenantId === tenantId) return;
  if (tenantId === undefined && rule.tenantKeys === 'narrowed') return;
  throw new AppError('not-found', 'There is no such thing, or it belongs to another tenant.', { publicMessage: 'There is no such thing.' });
}

interface Call {
  readonly authorization: unknown;
  readonly tenant: string | undefined | 'later';
  /** Services call each other by gRPC only. */
  readonly isRpc: boolean;
  /** The object of this one request that the principal is kept at. */
  readonly carrier: object;
}

function callOf(context: ExecutionContext): Call {
  if (context.getType() === 'http') {
    const request = context.getArgByIndex<{ headers: Record<string, unknown>; params?: { tenant?: string } }>(0);
    return { authorization: request.headers['authorization'], tenant: request.params?.tenant, isRpc: false, carrier: request };
  }
  const [message, metadata] = context.getArgs<[{ tenant?: unknown; subscribe?: unknown }, { get(name: string): unknown[] }]>();
  const tenant = typeof message?.subscribe === 'function' ? 'later' : typeof message?.tenant === 'string' ? message.tenant : undefined;
  return { authorization: metadata.get('authorization')[0], tenant, isRpc: true, carrier: metadata };
}

const BEARER = /^Bearer +([^\s]+) *$/i;

function bearerOf(header: unknown): string | undefined {
  if (typeof header !== 'string') return undefined;
  // The usual spelling without the regular expression: this is on the ingest path.
  if (header.startsWith('Bearer hl_') && !header.includes(' ', 7)) return header.slice(7);
  return BEARER.exec(header)?.[1];
}

function assertScope(principal: Principal, rule: AccessRule): void {
  if (rule.scope === null || principal.scopes.has('admin') || principal.scopes.has(rule.scope)) return;
  throw new AppError('missing-scope', `The API key needs the scope ${rule.scope}.`, { details: { scope: rule.scope } });
}

