import { HookSecrets, type HookChanged, type TenantState } from '@hooklane/contracts/topics';
import { dialectOf, maskedUrl, resolvedOptions, type Dialect, type DialectOptions, type HookRenderer } from '@hooklane/dialects';
import { isAppError, toAppError } from '@hooklane/kernel';
import { allowedTargetProblem, targetPolicyOf, type TargetPolicy } from '@hooklane/routing';
import type { SecretBox } from '@hooklane/secret-box';
import type { TargetPolicySettings } from '@hooklane/service-host';
import type { SendFailureCode } from '../attempt/classify.js';
import type { DisableRules } from '../attempt/decide-attempt.js';
import { echoesOf } from '../attempt/mask-echoes.js';
import type { RetryRules } from '../attempt/retry-schedule.js';
import type { TlsProfile } from '../ports.js';

/** One version of a hook, opened and prepared. Holds its secrets in clear: never log it, never keep it longer than the hook is used. */
export interface HookProfile {
  readonly hook: HookChanged;
  readonly options: DialectOptions;
  readonly retry: RetryRules;
  readonly disable: DisableRules;
  readonly timeoutMs: number;
  readonly target: PreparedTarget | null;
  /** Why there is no target. */
  readonly problem: { readonly code: SendFailureCode; readonly sentence: string } | null;
}

export interface PreparedTarget {
  readonly renderer: HookRenderer;
  readonly origin: string;
  readonly path: string;
  readonly maskedUrl: string;
  /** Secrets that an answer might repeat; see maskEchoes. */
  readonly echoes: readonly string[];
  readonly tls: TlsProfile;
}

export interface HookProfileSettings {
  readonly secretBox: SecretBox;
  readonly userAgent: string;
  readonly targets: TargetPolicySettings;
}

/** Profiles by hook: made once per version, so that a delivery opens nothing and parses no URL. */
export class HookProfiles {
  private readonly byHook = new Map<string, HookProfile>();
  private readonly policies = new WeakMap<TenantState, TargetPolicy>();
  private readonly operatorPolicy: TargetPolicy;

  constructor(private readonly settings: HookProfileSettings) {
    this.operatorPolicy = targetPolicyOf(settings.targets);
  }

  of(hook: HookChanged): HookProfile {
    const known = this.byHook.get(hook.hookId);
    if (known && known.hook === hook) return known;
    const profile = prepare(hook, this.settings);
    this.byHook.set(hook.hookId, profile);
    return profile;
  }

  /** Of a state of the hook that is asked for once, and perhaps never saved. */
  unkept(hook: HookChanged): HookProfile {
    return prepare(hook, this.settings);
  }

  forget(hookId: string): void {
    this.byHook.delete(hookId);
  }

  /** The same object for the same state of a tenant: the sender pools sockets by it. */
  policyOf(tenant: TenantState | undefined): TargetPolicy {
    if (!tenant || tenant.allowedTargets.length === 0) return this.operatorPolicy;
    let policy = this.policies.get(tenant);
    if (!policy) {
      policy = this.tenantPolicy(tenant);
      this.policies.set(tenant, policy);
    }
    return policy;
  }

  /** The registry checks the entries when they are saved; one that this version cannot read allows nothing. */
  private tenantPolicy(tenant: TenantState): TargetPolicy {
    const readable = tenant.allowedTargets.filter((entry) => allowedTargetProblem(entry) === null);
    return targetPolicyOf(this.settings.targets, readable);
  }
}

function prepare(hook: HookChanged, settings: HookProfileSettings): HookProfile {
  const dialect = dialectOf(hook.dialect || 'native');
  const base = {
    hook,
    options: resolvedOptions(dialect, hook.dialectOptions),
    retry: hook.retry ?? dialect.defaults.retry,
    disable: hook.disablePolicy ?? dialect.defaults.disablePolicy,
    timeoutMs: hook.timeoutMs || dialect.defaults.timeoutMs,
  };
  try {
    return { ...base, target: targetOf(hook, dialect, settings), problem: null };
  } catch (error) {
    const { code, publicMessage } = toAppError(error);
    const sentence = isAppError(error) ? publicMessage : 'The hook cannot be prepared for sending.';
    return { ...base, target: null, problem: { code: code === 'invalid-hook' ? 'invalid-request' : 'hook-unreadable', sentence } };
  }
}

function targetOf(hook: HookChanged, dialect: Dialect, { secretBox, userAgent }: HookProfileSettings): PreparedTarget {
  const secrets = HookSecrets.decode(secretBox.open(hook.sealedSecrets, `hook/${hook.tenantId}/${hook.hookId}`));
  const url = new URL(secrets.url);
  return {
    renderer: dialect.prepare(hook, secrets, userAgent),
    origin: url.origin,
    path: url.pathname + url.search,
    maskedUrl: maskedUrl(secrets.url),
    echoes: echoesOf(secrets),
    tls: { verify: hook.tlsVerify, caPem: hook.tlsCaPem, clientCertificatePem: hook.tlsClientCertificatePem, clientKeyPem: secrets.tlsClientKeyPem },
  };
}
