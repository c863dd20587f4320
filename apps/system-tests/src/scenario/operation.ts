/** One side of the comparison: a tenant that is driven over one of the two interfaces only. */
export interface World {
  readonly tenant: string;
  /** What earlier operations gave, by the name under which the table keeps it. */
  readonly kept: Record<string, string>;
  /** Of a receiver that answers 200. */
  readonly target: string;
}

export interface RestRequest {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface GrpcRequest {
  /** `HookService.CreateHook` */
  readonly method: string;
  readonly request: Readonly<Record<string, unknown>>;
}

/** The same operation over REST and over gRPC. */
export interface Operation {
  readonly title: string;
  readonly rest: (world: World) => RestRequest;
  readonly grpc: (world: World) => GrpcRequest;
  /** The reason for which both refuse; absent: both do it. */
  readonly code?: string;
  /** Keeps a member of the answer for later operations: `[as, member]`. */
  readonly keep?: readonly (readonly [as: string, member: string])[];
  /** REST's answer in the shape of gRPC's message, where they differ by more than names of JSON texts. */
  readonly ofRest?: (body: Record<string, unknown>) => unknown;
  /** For what follows an answer some time later: both are asked again until REST's answer is this. */
  readonly until?: (body: Record<string, unknown>) => boolean;
}

const ID = /\b(hook|evt|key|prj|usr|att|sec|dlv|cmd|rpl|src|in)_[A-Za-z0-9_-]+/g;
const MOMENT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
/** As in a receiver's Date header. */
const HTTP_DATE = /\b[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\b/g;
const SECRET = /\b(whsec|whpk|hl)_[A-Za-z0-9_+/=-]+/g;
/** Of the Standard Webhooks: what is signed differs, and the second may have changed. */
const SIGNATURE = /\b(v1a?),[A-Za-z0-9+/=]+/g;
const UNIX_SECONDS = /^\d{10}$/;
/** Differ from call to call. */
const MEASURES = new Set(['totalMs', 'connectMs', 'firstByteMs', 'backlogOldestAgeMs', 'next', 'requestId', 'retryAfterMs']);

/** An answer of either interface without what must differ: ids, times, secrets, the tenant's name; and without what proto3 cannot tell from absent. */
export function comparable(value: unknown, world: World): unknown {
  if (Buffer.isBuffer(value)) return comparable(value.toString(), world);
  if (typeof value === 'string') return value.replaceAll(world.tenant, '<tenant>').replace(ID, '$1').replace(SECRET, '$1').replace(SIGNATURE, '$1').replace(UNIX_SECONDS, '<time>').replace(MOMENT, '<time>').replace(HTTP_DATE, '<time>');
  if (Array.isArray(value)) return value.map((item) => comparable(item, world));
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    if (MEASURES.has(name) || isEmpty(member)) return [];
    // JSON as text: the message has no field for any JSON.
    if (name.endsWith('Json') && typeof member === 'string') return [[name.slice(0, -4), comparable(withoutEmpty(JSON.parse(member)), world)]];
    return [[name, comparable(member, world)]];
  });
  return Object.fromEntries(members.filter(([, member]) => !isEmpty(member)));
}

function withoutEmpty(value: unknown): unknown {
  return isEmpty(value) ? undefined : value;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0 && !(value instanceof Date);
}

/** A message around a message, `{hook: {…}, secret}`, as REST writes it: all in one. proto-loader also names the set member of a oneof, which is no field. */
export function unwrapped(message: Record<string, unknown>, wrappers: readonly string[]): Record<string, unknown> {
  const { ...rest } = message;
  const inner: Record<string, unknown> = {};
  for (const name of wrappers) {
    if (typeof rest[name] !== 'object' || rest[name] === null) continue;
    Object.assign(inner, rest[name]);
    delete rest[name];
  }
  return { ...inner, ...rest };
}
