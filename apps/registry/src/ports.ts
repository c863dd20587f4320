import type { HookSecrets } from '@hooklane/contracts/topics';
import type { Decider, DomainEvent, EventMeta, Handled, RecordedEvent } from '@hooklane/event-sourcing';
import type { Clock, IdSource } from '@hooklane/kernel';
import type { TargetPolicy } from '@hooklane/routing';

/** Whether an aggregate is there. A deleted one keeps its history and its version, and is shown to nobody. */
export type Status = 'absent' | 'live' | 'deleted';

export interface AggregateState {
  readonly status: Status;
  /** What the version that readers see is above the stream's own: `table-ahead` repairs add, events that change nothing take one away. */
  readonly raisedBy: number;
}

export type AggregateKind = 'tenant' | 'api-key' | 'hook' | 'event-type' | 'project' | 'user' | 'membership';

export interface Aggregate<State extends AggregateState, Command, Event extends DomainEvent> extends Decider<State, Command, Event> {
  readonly kind: AggregateKind;
}

/** One request to change something, whatever transport it came by. */
export interface ChangeRequest {
  /** Empty: the platform. */
  readonly tenantId: string;
  readonly meta: EventMeta;
  /** Null where the client sent none. */
  readonly idempotencyKey: string | null;
  /** SHA-256 over who asks for what: tells a repeat from another request with the same key. */
  readonly fingerprint: string;
  /** The versions that If-Match allows; null: any. */
  readonly ifMatch: readonly number[] | null;
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  /** What the ETag says; null where there is none. */
  readonly version: number | null;
}

export interface Change<State extends AggregateState, Command extends { readonly kind: string }, Event extends DomainEvent, Body> {
  readonly aggregate: Aggregate<State, Command, Event>;
  /** Within the request's tenant. */
  readonly id: string;
  readonly request: ChangeRequest;
  /** Made again for every try after a conflict. */
  command(state: State, version: number): NoInfer<Command>;
  answer(handled: Handled<State, Event> & { readonly version: number }): Answer<Body>;
}

/** Changes aggregates: load, check If-Match, decide, append with the answer of an Idempotency-Key, wait until the log has it. */
export interface Changes {
  /**
   * @throws AppError `version-mismatch`, `id-reused`, `conflicting-change`, `change-not-yet-effective` (with `id` and `version`), `database-unavailable`,
   * and what the decider throws.
   */
  execute<State extends AggregateState, Command extends { readonly kind: string }, Event extends DomainEvent, Body>(change: Change<State, Command, Event, Body>): Promise<Answer<Body>>;
  /** The same without waiting for the log: for those who do not answer to somebody that would act on it at once. */
  record<State extends AggregateState, Command extends { readonly kind: string }, Event extends DomainEvent, Body>(change: Change<State, Command, Event, Body>): Promise<Answer<Body>>;
}

export interface Stored<State> {
  readonly id: string;
  readonly state: State;
  readonly version: number;
}

/** Which aggregates a question is about, and what they are. */
export type KindOf<State extends AggregateState> = Pick<Aggregate<State, never, never>, 'kind' | 'initial'>;

export interface PageRequest {
  readonly after: string | null;
  readonly limit: number;
  /** Only ids that begin with it. */
  readonly prefix?: string;
}

/** The aggregates as the projections keep them. */
export interface ReadModels {
  /** Null for one that is absent or deleted. */
  find<State extends AggregateState>(aggregate: KindOf<State>, tenantId: string, id: string): Promise<Stored<State> | null>;
  /** In id order, at most `limit`. */
  page<State extends AggregateState>(aggregate: KindOf<State>, tenantId: string, page: PageRequest): Promise<readonly Stored<State>[]>;
  /** The whole history of one aggregate; empty where there is none. */
  history<Event extends DomainEvent>(kind: AggregateKind, tenantId: string, id: string): Promise<readonly RecordedEvent<Event>[]>;
}

/** A hook's health as its outcomes tell it. */
export interface HookHealth {
  readonly hookId: string;
  /** Failures that count since the last success. */
  readonly failureCount: number;
  readonly isFailing: boolean;
  readonly lastErrorAtMs: number;
  readonly lastErrorCode: string;
  readonly lastErrorSentence: string;
  readonly lastErrorStatus: number;
  /** 0: never. */
  readonly lastSuccessAtMs: number;
  /** Of the newest outcome that counted. */
  readonly enabledEpoch: number;
}

export interface Healths {
  of(hookIds: readonly string[]): Promise<ReadonlyMap<string, HookHealth>>;
}

export interface KeyUses {
  /** Milliseconds since the epoch by key id; keys never used are not in it. */
  of(keyIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** Key material: made, described and sealed outside the deciders. */
export interface Secrets {
  seal(secrets: HookSecrets, tenantId: string, hookId: string): string;
  open(sealed: string, tenantId: string, hookId: string): HookSecrets;
  /** A new signing secret and, for `v1a`, the public half. */
  signingKey(kind: 'v1' | 'v1a'): { readonly value: string; readonly publicKey: string | null };
  apiKey(): { readonly key: string; readonly hash: string };
  /** @returns a sentence that says why the PEMs cannot be used together, or null. */
  certificateProblem(tls: { readonly ca: string; readonly certificate: string; readonly key: string }): string | null;
}

/** Everything the use cases need. */
export interface Registry {
  readonly changes: Changes;
  readonly reads: ReadModels;
  readonly healths: Healths;
  readonly keyUses: KeyUses;
  readonly secrets: Secrets;
  readonly ids: IdSource;
  readonly clock: Clock;
  /** Where the lane of a hook is: the partition of deliveries.requested. */
  lanePartitionOf(hookId: string): number;
  /** @param tenantAllowed the tenant's own exceptions from the target guard */
  targetPolicy(tenantAllowed: readonly string[]): TargetPolicy;
}
