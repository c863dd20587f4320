import type { EventCatalogue } from './catalogue.js';
import type { DialectOptions } from './options.js';

/** What a dialect reads of an event; `EventAccepted` of the contracts fits. */
export interface DialectEvent {
  readonly tenantId: string;
  readonly eventId: string;
  readonly type: string;
  readonly project: string;
  readonly orderingKey: string;
  readonly occurredAtMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly contentType: string;
  /** The publisher's bytes. */
  readonly data: Buffer;
  /** W3C trace context for the receiver, or empty. */
  readonly traceparent: string;
}

/** What a dialect reads of a hook; `HookChanged` of the contracts fits. */
export interface DialectHook {
  readonly hookId: string;
  readonly envelope: string;
  readonly headers: readonly DialectHeader[];
  /** As its owner chose them: what a dialect calls the event may depend on it (iceScrum: X.state or X.update). */
  readonly eventTypes: readonly string[];
  /** `DialectOptions` as JSON text; empty: the dialect's own. */
  readonly dialectOptions: string;
}

export interface DialectHeader {
  readonly name: string;
  readonly value: string;
}

/** A hook's secrets in clear; `HookSecrets` of the contracts fits. */
export interface DialectSecrets {
  readonly signing: readonly DialectSigningSecret[];
  readonly basicAuthUser: string;
  readonly basicAuthPassword: string;
  readonly headers: readonly DialectHeader[];
}

export interface DialectSigningSecret {
  readonly value: string;
  /** Milliseconds since 1970; 0: for as long as the hook lives. */
  readonly expiresAtMs: number;
}

export interface RenderInput {
  readonly event: DialectEvent;
  /** 1 for a delivery's first attempt. */
  readonly attemptNumber: number;
  /** Of this attempt, milliseconds since 1970: receivers check it against their clock. */
  readonly timestampMs: number;
}

/** A request that the log has, to be made again. */
export interface StoredInput {
  readonly eventId: string;
  /** As they were sent, secret values masked. */
  readonly headers: readonly DialectHeader[];
  readonly body: Buffer;
  /** Of the new attempt, milliseconds since 1970. */
  readonly timestampMs: number;
}

export type Rendered =
  | {
      readonly ok: true;
      /** Names and values in turn, in the order and case in which they are sent. */
      readonly headers: string[];
      readonly body: Buffer;
      /** True when the body is the event's data as it is: the log then need not keep it again. */
      readonly bodyIsEventData: boolean;
    }
  /** The event cannot be said in this dialect, whoever tries and when: a final `invalid` outcome with this sentence. */
  | { readonly ok: false; readonly reason: string };

/** One version of one hook, with everything prepared that its requests have in common. Holds secrets: never log it. */
export interface HookRenderer {
  render(input: RenderInput): Rendered;
  /** The bytes of an earlier request once more, signed anew, with the hook's headers as they are now; those that said something of the event stay as they were. */
  again(stored: StoredInput): Rendered;
  /** Lower-case names of the headers whose values must not be logged. */
  readonly secretHeaders: ReadonlySet<string>;
}

/** Which secret a person may enter for a hook of the dialect. */
export interface UserSecretRules {
  readonly allowed: boolean;
  readonly required: boolean;
  /** In UTF-8 bytes, after decoding where the form has a prefix. */
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Prefixes that are understood; empty: any text. */
  readonly prefixes: readonly string[];
}

export interface DialectDefaults {
  readonly timeoutMs: number;
  readonly envelope: 'none' | 'standard' | 'cloudevents';
  readonly order: 'fifo' | 'fifo-per-key' | 'none';
  readonly retry: {
    /** Delay before attempt 2, 3, …; the last one repeats. */
    readonly unavailableDelaysMs: readonly number[];
    readonly unavailableGiveUpMs: number;
    /** Delay before attempt 2, 3, …; after the last one the delivery is exhausted. */
    readonly rejectedDelaysMs: readonly number[];
    readonly onExhausted: 'skip' | 'hold';
  };
  readonly disablePolicy: {
    /** Failing attempts until the hook is disabled; 0: never. */
    readonly limit: number;
    readonly count: 'in-a-row' | 'total';
  };
}

/** A way of speaking: how an event becomes a request, what counts as an answer, and what a new hook starts with (design: "dialect" in the vocabulary). */
export interface Dialect {
  readonly name: string;
  readonly defaults: DialectDefaults;
  /** What a hook that says nothing else does; see `resolvedOptions`. */
  readonly options: DialectOptions;
  /** Which of the options a hook may choose; others are refused when it is saved. */
  readonly settableOptions: readonly (keyof DialectOptions)[];
  readonly userSecretRules: UserSecretRules;
  readonly catalogue: EventCatalogue;
  /** Whether a hook made without a word about it is enabled. @param origin `console`, `api` or the name of a dialect API (W12: Worksection's console makes disabled hooks) */
  enabledByDefault(origin: string): boolean;
  /** Whether the receiver must answer a sample well before a hook of this dialect is made or enabled (W13, W24). */
  readonly probes: boolean;
  prepare(hook: DialectHook, secrets: DialectSecrets, userAgent: string): HookRenderer;
}
