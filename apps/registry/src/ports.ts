import type { MembershipView, UserView } from '@hooklane/contracts/rest';
import type { DeliveryOutcome, HookChanged, HookSecrets } from '@hooklane/contracts/topics';
import type { Dialect } from '@hooklane/dialects';
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
  /** Done before the first try, unless the request is a repeat whose answer is known. What it throws is the answer. */
  before?(): Promise<void>;
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

/** What has small numbers: in dialect APIs ids are integers. `hook/<dialect>`: each dialect counts its own hooks. */
export type NumberedKind = `hook/${string}` | 'project' | 'user';

/** Integers from 1 per tenant and kind, given in the order of creation; kept when the thing is deleted and when the read models are made again. */
export interface Numbers {
  /** Null: there never was such a thing. */
  numberOf(tenantId: string, kind: NumberedKind, id: string): Promise<number | null>;
  /** Those of `ids` that have one. */
  numbersOf(tenantId: string, kind: NumberedKind, ids: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Everything of the kind that there ever was: numbers by id, in the order of the numbers. */
  all(tenantId: string, kind: NumberedKind): Promise<ReadonlyMap<string, number>>;
  /** Also of a deleted thing. Null: the number was not given, or is none (`number` may be anything that a client sent). */
  idOf(tenantId: string, kind: NumberedKind, number: number): Promise<string | null>;
}

export type UserRole = UserView['role'];
export type MemberRole = MembershipView['role'];

export interface CallerUser {
  readonly id: string;
  /** The `user` of `Numbers`. */
  readonly number: number;
  /** What it logs in with; null: it cannot. */
  readonly userName: string | null;
  readonly name: string;
  readonly email: string | null;
}

/** Who calls a dialect's admin API, and what they may do. */
export interface Caller {
  /** The only tenant it may touch. */
  readonly tenantId: string;
  /** What histories call it: `user:<id>`, or `key:<id>` for an API key. */
  readonly actor: string;
  /** Null for an API key that speaks for no user. */
  readonly user: CallerUser | null;
  /** Of the user; an API key without one is `admin` when its scopes have `hooks:write`, else `viewer`. */
  readonly role: UserRole;
  /** Whether it may see all hooks of the tenant: owners, admins, keys with `hooks:read` or `hooks:write`. A key that speaks for a user needs both the scope and the user's right. */
  mayRead(): boolean;
  /** Whether it may change all hooks of the tenant: owners, admins, keys with `hooks:write`. */
  mayWrite(): boolean;
  /** `admin` in every project for who may write all, `viewer` for who may read all, else the member's role; null: not a member. */
  projectRole(projectId: string): MemberRole | null;
  /** Whether its role in the project is `admin`. Products with other rules ask `projectRole`. */
  mayAdministrate(projectId: string): boolean;
}

/** Tells who a call of a dialect's admin API is from. Keys of the platform are nobody there. */
export interface DialectCallers {
  /** @param token an API key of a tenant, or a session token; null: it is not good (any more) */
  withToken(token: string): Promise<Caller | null>;
  /**
   * @param userName of the default tenant (`HOOKLANE_DEFAULT_TENANT`), or `<tenant>/<user name>`
   * @returns a session token for 24 hours, void after a change of the password or the end of the user; null: user name and password do not fit
   * @throws AppError `too-many-logins` (429) with `retryAfterMs`
   */
  login(userName: string, password: string): Promise<{ readonly token: string; readonly caller: Caller } | null>;
  /**
   * For signatures made with a key that the call does not show. Only keys made `recoverable` are tried.
   * @param proves whether the call was signed with this key; compares in constant time (`sameText`), and keeps the key nowhere
   */
  withSigningKey(proves: (key: string) => boolean): Promise<Caller | null>;
}

/** An attempt as the dialects' log views show it. */
export interface LoggedAttempt {
  /** At most 2^53 - 1, stable for ever: `attemptNumber` of its outcome's place in the log. */
  readonly number: number;
  readonly attemptId: string;
  readonly hookId: string;
  readonly eventId: string;
  /** Empty for tests, probes and resends. */
  readonly deliveryId: string;
  readonly eventType: string;
  /** The event's project; empty: none. */
  readonly project: string;
  /** `event`, `retry`, `replay`, `catch-up`, `resend`, `test` or `probe`. */
  readonly trigger: string;
  readonly startedAtMs: number;
  readonly totalMs: number;
  /** `success`, `unavailable`, `rejected`, `blocked`, `invalid` or `interrupted`. */
  readonly outcomeClass: string;
  /** Of the answer; 0: none came. */
  readonly status: number;
  readonly requestUrl: string;
  readonly requestHeaders: readonly { readonly name: string; readonly value: string }[];
  readonly requestBody: Buffer;
  readonly responseHeaders: readonly { readonly name: string; readonly value: string }[];
  readonly responseBody: Buffer;
  /** Empty: none. */
  readonly errorCode: string;
  readonly errorSentence: string;
}

export interface LoggedPage {
  readonly tenantId: string;
  /** At most 100. */
  readonly limit: number;
  /** Only attempts before the one with this number, which must be of the same list; absent: from the newest on. */
  readonly before?: number;
}

/** The log of attempts, of all triggers; at most 2 s behind. @throws AppError `peer-unavailable` (503) where log-query does not answer */
export interface DeliveryLogs {
  /** Newest first. */
  ofHook(wish: LoggedPage & { readonly hookId: string }): Promise<readonly LoggedAttempt[]>;
  /** Newest first: of all hooks of the dialect, deleted ones too, what was about events of the project. @param wish `projectId` as those events name it: publishers may say its key */
  ofProject(wish: LoggedPage & { readonly dialect: string; readonly projectId: string }): Promise<readonly LoggedAttempt[]>;
  byNumber(wish: { readonly tenantId: string; readonly number: number }): Promise<LoggedAttempt | null>;
  /** How many attempts each hook has, counted up to `atMost` (100 or less). */
  counts(wish: { readonly tenantId: string; readonly hookIds: readonly string[]; readonly atMost: number }): Promise<ReadonlyMap<string, number>>;
}

/** An event that stands in no topic: made up, to try a receiver out. */
export interface SampleEvent {
  readonly type: string;
  /** Empty: none. */
  readonly project: string;
  readonly data: Buffer;
}

/** What one request past the lane came to, and where the log keeps it: the number that a dialect's API gives the row is made from the place. */
export interface SentOutcome {
  readonly outcome: DeliveryOutcome;
  readonly place: { readonly partition: number; readonly offset: number };
}

/** Requests to receivers past the lanes: by the delivery service, at once. None of them counts, or colours a hook. */
export interface Receivers {
  /** The trigger is `test`. @throws AppError `not-found` for a hook that the tenant does not have, `peer-unavailable` */
  test(call: { readonly tenantId: string; readonly hookId: string; readonly sample: SampleEvent; readonly actor: string }): Promise<SentOutcome>;
  /** Asks the receiver of a hook that is not saved, or not enabled, yet; its sealed secrets are inside. The trigger is `probe`. @throws AppError `peer-unavailable` */
  probe(call: { readonly tenantId: string; readonly hook: HookChanged; readonly sample: SampleEvent; readonly actor: string }): Promise<SentOutcome>;
  /** The attempt's bytes, as the log has them, to the hook's present address, signed anew with its present secret; tests too. The trigger is `resend`. @throws AppError `not-found`, `peer-unavailable` */
  resend(call: { readonly tenantId: string; readonly attempt: LoggedAttempt; readonly actor: string }): Promise<SentOutcome>;
}

/** Seals texts with the master key. */
export interface Sealer {
  /** @param context what the text belongs to: it opens with the same one only. @returns base64url */
  seal(text: string, context: string): string;
  /** Null: it was not sealed here, not for this context, or was changed. */
  open(sealed: string, context: string): string | null;
}

/** Passwords, slow on purpose. */
export interface Passwords {
  /** With its salt and costs in it. @throws AppError `too-many-logins` when too many are being made already */
  hash(password: string): Promise<string>;
  /** @param hash null: nobody's; takes as long, so that nobody learns who is there. @throws AppError `too-many-logins` */
  fits(password: string, hash: string | null): Promise<boolean>;
}

/** What logins and signatures are looked up by, over all tenants. */
export interface Logins {
  /** The id of the living user with this name, whatever its case. */
  userNamed(tenantId: string, userName: string): Promise<string | null>;
  /** By project. */
  rolesOf(tenantId: string, userId: string): Promise<ReadonlyMap<string, MemberRole>>;
  /** All recoverable keys that are not revoked. */
  recoverableKeys(): Promise<readonly { readonly tenantId: string; readonly keyId: string; readonly sealedKey: string }[]>;
}

/** Everything the use cases need. */
export interface Registry {
  readonly changes: Changes;
  readonly reads: ReadModels;
  readonly healths: Healths;
  readonly keyUses: KeyUses;
  readonly secrets: Secrets;
  readonly receivers: Receivers;
  readonly sealer: Sealer;
  readonly passwords: Passwords;
  readonly numbers: Numbers;
  readonly callers: DialectCallers;
  readonly logs: DeliveryLogs;
  readonly ids: IdSource;
  readonly clock: Clock;
  /** With what the operator set for hooks of it. @throws AppError `invalid-hook` for a name that is no dialect */
  dialectOf(name: string): Dialect;
  /** Where the lane of a hook is: the partition of deliveries.requested. */
  lanePartitionOf(hookId: string): number;
  /** @param tenantAllowed the tenant's own exceptions from the target guard */
  targetPolicy(tenantAllowed: readonly string[]): TargetPolicy;
}
