import { describe, expect, it } from '@jest/globals';
import { EventAccepted, EventTypeState, TenantState } from '@hooklane/contracts/topics';
import type { AppendOptions, AppendRecord } from '@hooklane/event-log';
import { AppError } from '@hooklane/kernel';
import { seededIds, testClock } from '@hooklane/testkit';
import { ClaimBook } from '../claims/claim-book.js';
import type { ClaimRow, ClaimStore, QuotaWish } from '../ports.js';
import type { Publication, PublishedEvent } from '../publish/published-event.js';
import { SchemaCache } from '../publish/schema-cache.js';
import { QuotaKeeper } from '../quota/quota-keeper.js';
import { EventAcceptor } from './event-acceptor.js';
import { LogAppend } from './log-append.js';
import type { Acceptance } from './turn.js';

const tenant: TenantState = { ...TenantState.decode(new Uint8Array()), tenantId: 't1', unknownEventTypes: 'accept' };
const event = (part: Partial<PublishedEvent> = {}): PublishedEvent => ({
  id: null,
  type: 'order.paid',
  project: '',
  orderingKey: '',
  occurredAtMs: null,
  attributes: {},
  contentType: 'application/json',
  data: Buffer.from('{}'),
  parsedData: {},
  traceparent: '',
  ...part,
});
const publication = (part: Partial<PublishedEvent> = {}, idempotencyKey: string | null = null): Publication => ({ event: event(part), idempotencyKey });

/** A log that writes when it is told to. */
class HandLog {
  readonly appended: EventAccepted[] = [];
  readonly open: { resolve(): void; reject(error: Error): void }[] = [];
  isAutomatic = true;

  partitionsOf = (): number => 8;

  append = (records: readonly AppendRecord[], _options?: AppendOptions): Promise<readonly number[]> => {
    this.appended.push(...records.map((record) => EventAccepted.decode(record.value)));
    if (this.isAutomatic) return Promise.resolve([1]);
    return new Promise((resolve, reject) => this.open.push({ resolve: () => resolve([1]), reject }));
  };
}

/** One table for all processes of a spec. */
function sharedClaims(): { rows: Map<string, ClaimRow & { owner: string; settled: boolean }>; storeOf: (owner: string) => ClaimStore; away: { now: boolean } } {
  const rows = new Map<string, ClaimRow & { owner: string; settled: boolean }>();
  const away = { now: false };
  const check = (): void => {
    if (away.now) throw new AppError('database-unavailable', 'away');
  };
  const full = (row: ClaimRow): string => `${row.tenantId}/${row.key}`;
  const storeOf = (owner: string): ClaimStore => ({
    claim: async (claims) => {
      check();
      return claims.map((claim) => {
        const known = rows.get(full(claim));
        if (!known) {
          rows.set(full(claim), { ...claim, owner, settled: false });
          return { state: 'granted', eventId: claim.eventId, acceptedAtMs: claim.acceptedAtMs };
        }
        const sameRequest = Buffer.from(known.hash).equals(claim.hash);
        return known.settled ? { state: 'settled', sameRequest, eventId: known.eventId, acceptedAtMs: known.acceptedAtMs } : { state: 'pending', sameRequest };
      });
    },
    settle: async (claims) => {
      check();
      for (const claim of claims) rows.set(full(claim), { ...claim, owner, settled: true });
    },
    release: async (claims) => {
      check();
      for (const claim of claims) rows.delete(full(claim));
    },
    renew: async () => check(),
    removeExpired: async () => 0,
  });
  return { rows, storeOf, away };
}

interface Lease {
  (wishes: readonly QuotaWish[]): Promise<readonly number[]>;
  refill(tokens: number): void;
}

/** The shared bucket of one tenant, filled by hand. */
function tokensOf(count: number): Lease {
  let left = count;
  const lease = async ([wish]: readonly QuotaWish[]): Promise<readonly number[]> => {
    const granted = Math.min(left, wish?.tokens ?? 0);
    left -= granted;
    return [granted];
  };
  return Object.assign(lease, { refill: (tokens: number) => void (left = tokens) });
}

function ingest(part: { lease?: Lease;  tenant?: TenantState; types?: EventTypeState[]; log?: HandLog; store?: ClaimStore; timeoutMs?: number; caughtUp?: () => Promise<void> } = {}) {
  const log = part.log ?? new HandLog();
  const clock = testClock();
  const known = part.tenant ?? tenant;
  const timeoutMs = part.timeoutMs ?? 1_000;
  const acceptor = new EventAcceptor({
    catalog: {
      caughtUp: part.caughtUp ?? (() => Promise.resolve()),
      tenant: (id) => (id === known.tenantId ? known : undefined),
      eventType: (_, name) => part.types?.find((type) => type.name === name),
      projectNamed: () => undefined,
    },
    schemas: new SchemaCache(),
    quota: new QuotaKeeper({ lease: part.lease ?? ((wishes) => Promise.resolve(wishes.map(({ tokens, burst }) => Math.min(tokens, burst)))) }, clock, () => undefined),
    claims: new ClaimBook(part.store ?? sharedClaims().storeOf('a'), () => undefined),
    append: new LogAppend(log, clock, timeoutMs),
    admission: { enter: () => undefined, left: () => undefined },
    clock,
    ids: seededIds(1),
    hashOf: ({ type, data }) => Buffer.concat([Buffer.from(type), data]),
    partitionOf: () => 3,
    incarnation: 'inc-a',
    timeoutMs,
    defaultEventsPerSecond: 0,
  });
  const submit = async (...publications: (Publication | AppError)[]): Promise<readonly Acceptance[]> => Promise.all(await acceptor.submit('t1', publications));
  return { acceptor, submit, log, clock };
}

const codeOf = (acceptance: Acceptance | undefined): string | undefined => (acceptance?.ok === false ? acceptance.error.code : undefined);

describe('accepting', () => {
  it('answers once the event is in the log, with sequences that rise', async () => {
    const { submit, log, clock } = ingest();
    const answers = await submit(publication({ attributes: { a: 'b' }, traceparent: 'tp' }), publication());
    expect(answers).toMatchObject([{ ok: true, acceptedAtMs: clock.nowMs(), repeated: false }, { ok: true }]);
    expect(log.appended).toMatchObject([
      { tenantId: 't1', type: 'order.paid', incarnation: 'inc-a', sequence: 1, attributes: { a: 'b' }, occurredAtMs: clock.nowMs(), traceparent: 'tp' },
      { sequence: 2 },
    ]);
    expect(answers[0]?.ok && answers[0].id).toBe(log.appended[0]?.eventId);
  });

  it('knows no other tenant', async () => {
    await expect(ingest().acceptor.submit('t2', [publication()])).rejects.toMatchObject({ code: 'not-found' });
  });

  it('appends the events of a request in its order, with and without ids', async () => {
    const { submit, log } = ingest();
    await submit(publication({ id: 'one' }), publication({ type: 'two' }), publication({ id: 'three' }));
    expect(log.appended.map(({ eventId, type }) => [eventId.slice(0, 3), type])).toEqual([['one', 'order.paid'], ['evt', 'two'], ['thr', 'order.paid']]);
  });

  it('refuses only the event that cannot be accepted', async () => {
    const schema: EventTypeState = { tenantId: 't1', name: 'order.paid', deleted: false, schema: '{"required":["amount"]}' };
    const { submit, log } = ingest({ types: [schema], tenant: { ...tenant, unknownEventTypes: 'reject' } });
    const answers = await submit(publication(), publication({ parsedData: { amount: 1 } }), publication({ type: 'other' }), new AppError('too-large', 'x'), publication({ parsedData: undefined }));
    expect(answers.map(codeOf)).toEqual(['schema-violation', undefined, 'unknown-event-type', 'too-large', 'schema-violation']);
    expect(answers[0]?.ok === false && answers[0].error.details).toMatchObject({ pointer: '/data/amount' });
    expect(log.appended).toHaveLength(1);
  });

  it('takes the first events of a batch that is larger than the quota', async () => {
    const { submit } = ingest({ tenant: { ...tenant, eventsPerSecond: 2, eventsBurst: 2 } });
    const answers = await submit(...Array.from({ length: 4 }, () => publication()));
    expect(answers.map(codeOf)).toEqual([undefined, undefined, 'quota-exceeded', 'quota-exceeded']);
    expect(answers[3]?.ok === false && answers[3].error.retryAfterMs).toBe(1_000);
  });

  it('charges the quota for what is newly accepted only, so that a batch beyond the burst is completed by repeating it', async () => {
    const lease = tokensOf(3);
    const { submit, log, clock } = ingest({ tenant: { ...tenant, eventsPerSecond: 3, eventsBurst: 3 }, lease });
    const batch = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => publication({ id }));
    expect((await submit(...batch)).map(codeOf)).toEqual([undefined, undefined, undefined, 'quota-exceeded', 'quota-exceeded', 'quota-exceeded']);
    lease.refill(3);
    clock.advance(1_000);
    const second = await submit(...batch);
    expect(second.map(codeOf)).toEqual(batch.map(() => undefined));
    expect(second.map((answer) => answer.ok && answer.repeated)).toEqual([true, true, true, false, false, false]);
    expect((await submit(...batch)).map((answer) => answer.ok && answer.repeated)).toEqual(batch.map(() => true));
    expect(log.appended.map(({ eventId }) => eventId)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('gives back the id of what the quota refused, and refuses its double in the batch for the same reason', async () => {
    const claims = sharedClaims();
    const { submit } = ingest({ tenant: { ...tenant, eventsPerSecond: 1, eventsBurst: 1 }, lease: tokensOf(1), store: claims.storeOf('a') });
    const answers = await submit(publication(), publication({ id: 'x' }), publication({ id: 'x' }));
    expect(answers.map(codeOf)).toEqual([undefined, 'quota-exceeded', 'quota-exceeded']);
    await new Promise(setImmediate);
    expect(claims.rows.size).toBe(0);
  });

  it('charges what another process held when it turns out to be new', async () => {
    const claims = sharedClaims();
    const lease = tokensOf(0);
    const other = claims.storeOf('b');
    const held: ClaimRow = { tenantId: 't1', key: 'id:x', hash: Buffer.from('order.paid{}'), eventId: 'x', acceptedAtMs: 1 };
    await other.claim([held]);
    const { submit } = ingest({ tenant: { ...tenant, eventsPerSecond: 1, eventsBurst: 1 }, lease, store: claims.storeOf('a') });
    const waiting = submit(publication({ id: 'x' }));
    await other.release([held]);
    expect((await waiting).map(codeOf)).toEqual(['quota-exceeded']);
  });

  it('answers 503 when the log or the tables do not answer in time', async () => {
    const log = new HandLog();
    log.isAutomatic = false;
    const waiting = ingest({ log }).submit(publication());
    await new Promise(setImmediate);
    log.open[0]?.reject(new AppError('log-unavailable', 'late'));
    expect((await waiting).map(codeOf)).toEqual(['log-unavailable']);
    const { acceptor } = ingest({ caughtUp: () => new Promise(() => undefined), timeoutMs: 20 });
    await expect(acceptor.catchUp()).rejects.toMatchObject({ code: 'log-unavailable', retryable: true });
  });
});

describe('a 503 says what is true of the event', () => {
  const sentenceOf = (acceptance: Acceptance | undefined): string | undefined => (acceptance?.ok === false ? acceptance.error.publicMessage : undefined);

  it.each([
    [false, /nothing was accepted/],
    [true, /may yet be accepted; only with an id/],
  ])('without an id, where the log says that it may be written: %s', async (mayBeWritten, sentence) => {
    const log = new HandLog();
    log.isAutomatic = false;
    const waiting = ingest({ log }).submit(publication());
    await new Promise(setImmediate);
    log.open[0]?.reject(new AppError('log-unavailable', 'late', { details: { mayBeWritten } }));
    expect(sentenceOf((await waiting)[0])).toMatch(sentence);
  });

  it('with an id, to the first and to who repeats it meanwhile', async () => {
    const log = new HandLog();
    log.isAutomatic = false;
    const { submit } = ingest({ log, timeoutMs: 20 });
    for (let round = 0; round < 2; round += 1) expect(sentenceOf((await submit(publication({ id: 'x' })))[0])).toMatch(/may yet be accepted; repeat it with the same id or Idempotency-Key/);
    log.open[0]?.reject(new AppError('log-unavailable', 'closed', { details: { mayBeWritten: false } }));
    await new Promise(setImmediate);
    log.isAutomatic = true;
    expect((await submit(publication({ id: 'x' })))[0]?.ok).toBe(true);
  });
});

describe('ids and idempotency keys', () => {
  it('gives the same request the first answer again, and another one 409', async () => {
    const { submit, log, clock } = ingest();
    const first = await submit(publication({ id: 'a' }));
    clock.advance(5_000);
    expect(await submit(publication({ id: 'a' }))).toEqual([{ ...first[0], repeated: true }]);
    expect((await submit(publication({ id: 'a', type: 'other' }))).map(codeOf)).toEqual(['id-reused']);
    const keyed = await submit(publication({}, 'key'));
    expect(await submit(publication({}, 'key'))).toEqual([{ ...keyed[0], repeated: true }]);
    expect((await submit(publication({ data: Buffer.from('1') }, 'key'))).map(codeOf)).toEqual(['id-reused']);
    expect(log.appended).toHaveLength(2);
  });

  it('accepts once what two processes and two requests of one process publish at the same time', async () => {
    const { storeOf } = sharedClaims();
    const log = new HandLog();
    const [a, b] = [ingest({ log, store: storeOf('a') }), ingest({ log, store: storeOf('b') })];
    const answers = (await Promise.all([a.submit(publication({ id: 'x' }), publication({ id: 'x' })), a.submit(publication({ id: 'x' })), b.submit(publication({ id: 'x' }))])).flat();
    expect(answers.map((answer) => answer.ok && answer.id)).toEqual(['x', 'x', 'x', 'x']);
    expect(log.appended).toHaveLength(1);
  });

  it('leads an id and a key to the same event', async () => {
    const { submit, log } = ingest();
    await submit(publication({ id: 'x' }));
    expect(await submit(publication({ id: 'x' }, 'k'))).toMatchObject([{ ok: true, id: 'x', repeated: true }]);
    expect(await submit(publication({ id: 'x' }, 'k'))).toMatchObject([{ ok: true, id: 'x', repeated: true }]);
    expect((await submit(publication({ type: 'other' }, 'k'))).map(codeOf)).toEqual(['id-reused']);
    expect(log.appended).toHaveLength(1);
  });

  it('refuses only such requests while Postgres is away', async () => {
    const claims = sharedClaims();
    claims.away.now = true;
    const { submit } = ingest({ store: claims.storeOf('a') });
    expect((await submit(publication(), publication({ id: 'x' }), publication({}, 'k'))).map(codeOf)).toEqual([undefined, 'database-unavailable', 'database-unavailable']);
    claims.away.now = false;
    expect((await submit(publication({ id: 'x' }))).map(codeOf)).toEqual([undefined]);
  });

  it('keeps a claim whose event was late, so that the repeat leads to the one event', async () => {
    const claims = sharedClaims();
    const log = new HandLog();
    log.isAutomatic = false;
    const { submit } = ingest({ log, store: claims.storeOf('a'), timeoutMs: 20 });
    expect((await submit(publication({ id: 'x' }))).map(codeOf)).toEqual(['log-unavailable']);
    expect((await submit(publication({ id: 'x' }))).map(codeOf)).toEqual(['log-unavailable']);
    log.open[0]?.resolve();
    await new Promise(setImmediate);
    expect(await submit(publication({ id: 'x' }))).toMatchObject([{ ok: true, id: 'x', repeated: true }]);
    expect(log.appended).toHaveLength(1);
  });

  it('frees the id of an event that was never written', async () => {
    const log = new HandLog();
    log.isAutomatic = false;
    const { submit } = ingest({ log });
    const waiting = submit(publication({ id: 'x' }));
    await new Promise(setImmediate);
    log.open[0]?.reject(new Error('closed'));
    expect((await waiting).map(codeOf)).toEqual(['log-unavailable']);
    log.isAutomatic = true;
    await new Promise(setImmediate);
    expect(await submit(publication({ id: 'x' }))).toMatchObject([{ ok: true, repeated: false }]);
  });
});
