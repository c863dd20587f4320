import { describe, expect, it } from '@jest/globals';
import { judge, type Account, type HookAccount } from './judge.js';

type Request = HookAccount['requests'][number];

const request = (n: number, atMs: number, status: number | null = 200): Request => ({
  body: Buffer.from(JSON.stringify({ key: 'a', n })),
  headers: { 'webhook-id': `e${n}` },
  arrivedAtMs: atMs,
  answer: status === null ? null : { status, atMs },
});
const hook = (requests: readonly Request[], more: Partial<HookAccount> = {}): HookAccount => ({
  path: '/h',
  requests,
  mostOpen: 1,
  deliveries: [0, 1, 2].map((n) => ({ eventId: `e${n}`, fate: 'delivered', attempts: 1 })),
  failureLimit: null,
  ...more,
});
const account = (hooks: readonly HookAccount[], more: Partial<Account> = {}): Account => ({ acked: [{ key: 'a', events: [0, 1, 2].map((n) => ({ n, eventId: `e${n}` })) }], hooks, deaths: [], acceptedTwice: 0, ...more });
const inOrder = [request(0, 10), request(1, 20), request(2, 30)];
const death = { fromMs: 5_000, toMs: 5_000, lingers: false };

describe('judge', () => {
  it('has nothing to say of what arrived once and in order', () => {
    expect(judge(account([hook(inOrder)]))).toEqual([]);
  });

  it('finds what was lost, also where it arrived and was never answered well', () => {
    expect(judge(account([hook([request(0, 10), request(1, 20)])]))).toContain('/h: 1 acknowledged to a and lost: 2');
    expect(judge(account([hook([request(0, 10), request(1, 20), request(2, 30, null)])]))).toContain('/h: 1 acknowledged to a and lost: 2');
  });

  it('finds what was sent before its turn, also where the earlier one had only failed so far', () => {
    expect(judge(account([hook([request(0, 10), request(2, 20), request(1, 30)])]))).toEqual(['/h: 1 of a sent before an earlier one had its answer: 2']);
    expect(judge(account([hook([request(0, 10), request(1, 20, 500), request(2, 30), request(1, 40)])]))).toContain('/h: 1 of a sent before an earlier one had its answer: 2');
  });

  it('does not wait for what was not acknowledged', () => {
    const events = [0, 2].map((n) => ({ n, eventId: `e${n}` }));
    expect(judge(account([hook([request(0, 10), request(2, 20), request(1, 30)])], { acked: [{ key: 'a', events }] }))).toEqual([]);
  });

  it('allows repeats of what was answered shortly before a death, and no others', () => {
    const repeated = (atMs: number): HookAccount => hook([request(0, 10), request(1, 20), request(2, atMs), request(2, 9_000)]);
    expect(judge(account([repeated(4_500)], { deaths: [death] }))).toEqual([]);
    expect(judge(account([repeated(1_000)], { deaths: [death] }))).toEqual(['/h: 1 of a repeated although nothing had died: 2']);
    expect(judge(account([repeated(4_500)]))).toContain('/h: 1 of a repeated although nothing had died: 2');
  });

  it('counts failing attempts: never more than the limit, and fewer only by deaths', () => {
    const failing = (count: number): HookAccount =>
      hook(Array.from({ length: count }, (_, index) => request(0, index, 500)), { failureLimit: 3, deliveries: [0, 1, 2].map((n) => ({ eventId: `e${n}`, fate: 'skipped', attempts: n === 0 ? count : 0 })) });
    expect(judge(account([failing(3)]))).toEqual([]);
    expect(judge(account([failing(4)], { deaths: [death] }))).toEqual(['/h: 4 failing attempts, and 3 were the limit']);
    expect(judge(account([failing(2)], { deaths: [death] }))).toEqual([]);
    expect(judge(account([failing(2)]))).toEqual(['/h: only 2 failing attempts of 3']);
  });

  it('allows as many events to be accepted twice as it is told, and their repeats', () => {
    const twice = hook([...inOrder, request(2, 40)], { deliveries: [...hook([]).deliveries, { eventId: 'e2', fate: 'delivered', attempts: 1 }] });
    expect(judge(account([twice], { deaths: [{ ...death, fromMs: 50_000, toMs: 50_000 }], acceptedTwice: 1 }))).toEqual([]);
    expect(judge(account([twice], { deaths: [death] }))).toContain('/h: 1 logged more than once: e2');
  });

  it('compares the log with the receiver', () => {
    const logs = (first: Partial<HookAccount['deliveries'][number]>): HookAccount['deliveries'] => hook([]).deliveries.map((delivery, n) => (n === 0 ? { ...delivery, ...first } : delivery));
    expect(judge(account([hook(inOrder, { deliveries: logs({ fate: 'pending' }) })]))).toEqual(['/h: 1 still pending: e0 (pending, 1 attempts)', '/h: 1 answered well and logged otherwise: e0 (pending, 1 attempts)']);
    expect(judge(account([hook(inOrder, { deliveries: logs({ attempts: 2 }) })]))).toEqual(['/h: 1 with another number of attempts than requests: e0 (delivered, 2 attempts)']);
    expect(judge(account([hook(inOrder, { deliveries: hook([]).deliveries.slice(1) })]))).toEqual(['/h: 1 acknowledged and not logged: e0']);
    expect(judge(account([hook(inOrder, { deliveries: [...hook([]).deliveries, ...logs({}).slice(0, 1)] })]))).toEqual(['/h: 1 logged more than once: e0']);
    expect(judge(account([hook([request(0, 10, 500), ...inOrder.slice(1)])]))).toContain('/h: 1 logged as delivered and never answered well: e0 (delivered, 1 attempts)');
  });

  it('sees requests of one lane that were open together, unless the old owner lingered', () => {
    expect(judge(account([hook(inOrder, { mostOpen: 2 })], { deaths: [death] }))).toEqual(['/h: 2 requests were open at once']);
    expect(judge(account([hook(inOrder, { mostOpen: 2 })], { deaths: [{ ...death, lingers: true }] }))).toEqual([]);
  });
});
