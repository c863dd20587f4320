import type { AggregateState } from '../ports.js';

export interface SigningKeyInfo {
  readonly id: string;
  readonly kind: 'v1' | 'v1a';
  /** `whpk_…` for Ed25519. */
  readonly publicKey: string | null;
  readonly createdAtMs: number;
  /** 0: for as long as the hook lives. */
  readonly expiresAtMs: number;
}

/** What its owner chose, without anything secret. */
export interface HookConfig {
  readonly name: string;
  /** The address with the values of its query masked. */
  readonly displayUrl: string;
  readonly eventTypes: readonly string[];
  readonly projects: readonly string[];
  /** JSON text; empty: none. */
  readonly filter: string;
  readonly order: 'fifo';
  readonly retry: {
    readonly unavailableDelaysMs: readonly number[];
    readonly unavailableGiveUpMs: number;
    readonly rejectedDelaysMs: readonly number[];
    readonly onExhausted: 'skip' | 'hold';
  };
  readonly timeoutMs: number;
  readonly envelope: 'none' | 'standard' | 'cloudevents';
  readonly disablePolicy: { readonly limit: number; readonly count: 'in-a-row' | 'total' };
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly secretHeaders: readonly string[];
  readonly basicAuthUser: string | null;
  readonly tls: { readonly verify: boolean; readonly ca: string; readonly clientCertificate: string; readonly hasClientKey: boolean };
  readonly metadata: Readonly<Record<string, string>>;
}

export interface HookState extends AggregateState {
  readonly tenantId: string;
  readonly hookId: string;
  readonly dialect: string;
  readonly origin: string;
  readonly config: HookConfig;
  readonly enabled: boolean;
  /** `manual`, `failure-limit` or `gone`; empty while enabled. */
  readonly disabledReason: string;
  readonly enabledEpoch: number;
  readonly policyVersion: number;
  readonly catchUpEpoch: number;
  readonly signing: readonly SigningKeyInfo[];
  /** HookSecrets, sealed, as base64. */
  readonly sealedSecrets: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

type At = { readonly atMs: number };

export type HookEvent =
  | {
      readonly type: 'HookCreated';
      readonly data: At & {
        readonly tenantId: string;
        readonly hookId: string;
        readonly dialect: string;
        readonly origin: string;
        readonly enabled: boolean;
        readonly config: HookConfig;
        readonly signing: readonly SigningKeyInfo[];
        readonly sealedSecrets: string;
      };
    }
  | {
      readonly type: 'HookConfigured';
      /** `secretsChanged` names fields whose sealed values differ; `sealedSecrets` is null when none does. */
      readonly data: At & { readonly changes: Partial<HookConfig>; readonly secretsChanged: readonly string[]; readonly sealedSecrets: string | null };
    }
  | { readonly type: 'HookEnabled'; readonly data: At }
  | { readonly type: 'HookDisabled'; readonly data: At & { readonly reason: string; readonly failures: number } }
  | { readonly type: 'HookSecretsRotated'; readonly data: At & { readonly signing: readonly SigningKeyInfo[]; readonly sealedSecrets: string } }
  | { readonly type: 'HookDeleted'; readonly data: At }
  | { readonly type: 'VersionRaised'; readonly data: At & { readonly by: number } };
