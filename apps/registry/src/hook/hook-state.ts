import type { AggregateState } from '../ports.js';
import type { DialectChoices } from './dialect-choices.js';

export type Order = 'fifo' | 'fifo-per-key' | 'none';
/** What enabling does about the events of the time in which the hook was disabled. */
export type CatchUp = 'none' | 'missed';
/** What a person may tell a lane; `topics.proto` LaneCommand has the whole list. */
export type LaneCommandKind = 'retry-now' | 'skip-head' | 'hold' | 'release' | 'release-catch-up';

export interface SigningKeyInfo {
  readonly id: string;
  /** `hmac`: the one of a product's dialect. */
  readonly kind: 'v1' | 'v1a' | 'hmac';
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
  readonly order: Order;
  /** Requests in flight at once; null where the order is another than `none`. */
  readonly concurrency: number | null;
  readonly rateLimit: { readonly perSecond: number } | null;
  readonly retry: {
    readonly unavailableDelaysMs: readonly number[];
    readonly unavailableGiveUpMs: number;
    readonly rejectedDelaysMs: readonly number[];
    readonly onExhausted: 'skip' | 'hold';
  };
  readonly timeoutMs: number;
  readonly envelope: 'none' | 'standard' | 'cloudevents';
  readonly disablePolicy: { readonly limit: number; readonly count: 'in-a-row' | 'total' };
  readonly catchUp: CatchUp;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly secretHeaders: readonly string[];
  readonly basicAuthUser: string | null;
  readonly tls: { readonly verify: boolean; readonly ca: string; readonly clientCertificate: string; readonly hasClientKey: boolean };
  readonly metadata: Readonly<Record<string, string>>;
  readonly dialectOptions: DialectChoices;
}

/** Fields that hooks did not have from the beginning. */
type LaterField = 'concurrency' | 'rateLimit' | 'catchUp' | 'dialectOptions';
export type RecordedHookConfig = Omit<HookConfig, LaterField> & Partial<Pick<HookConfig, LaterField>>;

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
  /** How many epochs the database may have forgotten while the hook is disabled; the next one lies above them. */
  readonly forgottenEpochs: number;
  readonly policyVersion: number;
  /** The newest epoch that began with a catch-up; 0: none did. */
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
        readonly config: RecordedHookConfig;
        readonly signing: readonly SigningKeyInfo[];
        readonly sealedSecrets: string;
      };
    }
  | {
      readonly type: 'HookConfigured';
      /** `secretsChanged` names fields whose sealed values differ; `sealedSecrets` is null when none does. */
      readonly data: At & { readonly changes: Partial<HookConfig>; readonly secretsChanged: readonly string[]; readonly sealedSecrets: string | null };
    }
  /** `catchUpEpoch`: the epoch that begins, where it begins with a catch-up. */
  | { readonly type: 'HookEnabled'; readonly data: At & { readonly catchUpEpoch?: number } }
  | { readonly type: 'HookDisabled'; readonly data: At & { readonly reason: string; readonly failures: number } }
  | { readonly type: 'HookSecretsRotated'; readonly data: At & { readonly signing: readonly SigningKeyInfo[]; readonly sealedSecrets: string } }
  /** Changes nothing of the hook: a person told its lane something. `deliveryId` is empty and `attempt` and `epoch` are 0 where the command has none. */
  | {
      readonly type: 'LaneCommandGiven';
      readonly data: At & { readonly commandId: string; readonly command: LaneCommandKind; readonly deliveryId: string; readonly attempt: number; readonly epoch: number };
    }
  /** `reason`: why, where it was no person who deleted it. */
  | { readonly type: 'HookDeleted'; readonly data: At & { readonly reason?: string } }
  | { readonly type: 'VersionRaised'; readonly data: At & { readonly by: number } };
