import { describe, expect, it } from '@jest/globals';
import { DeliveriesRequested, DeliveryOutcome, EventAccepted, HookChanged, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord, LogRecord, RecordBatch } from '@hooklane/event-log';
import { TenantMatchers } from '@hooklane/routing';
import type { Traces } from '@hooklane/telemetry';
import { EventsAcceptedConsumer, type Fanout } from './events-accepted.consumer.js';
import { DeliveryPlanner } from './match/delivery-plan.js';

const hook: HookChanged = { ...HookChanged.decode(new Uint8Array()), tenantId: 't1', hookId: 'hook_1', version: 2, eventTypes: ['order.*'] };

const record = (offset: number, part: Partial<EventAccepted> = {}): LogRecord => ({
  topic: Topics.eventsAccepted,
  partition: 4,
  offset,
  timestampMs: 0,
  key: null,
  headers: {},
  attachment: null,
  value: Buffer.from(
    EventAccepted.encode({ ...EventAccepted.decode(new Uint8Array()), tenantId: 't1', eventId: `evt_${offset}`, type: 'order.paid', incarnation: 'a', sequence: offset + 1, ...part }).finish(),
  ),
});
const batch = (...records: LogRecord[]): RecordBatch => ({ topic: Topics.eventsAccepted, partition: 4, records, endOffset: 100 });

async function consumer(options: { fails?: number; lineage?: boolean; traces?: Traces } = {}) {
  let failures = options.fails ?? 0;
  const appended: AppendRecord[] = [];
  const matchers = new TenantMatchers(() => undefined);
  const hooks = [hook];
  const fanout: Fanout = {
    hooks: { caughtUp: () => Promise.resolve(), hooksOf: () => hooks, lineage: () => (options.lineage === false ? undefined : { lineageId: 'lin' }) },
    log: {
      partitionsOf: () => 8,
      append: (records) => {
        if (failures-- > 0) return Promise.reject(new Error('away'));
        appended.push(...records);
        return Promise.resolve(records.map(() => 0));
      },
    },
    clock: { nowMs: () => 1_000, monotonicMs: () => 0 },
    metrics: { batch: () => undefined, unusableHook: () => undefined },
    traces: options.traces ?? null,
    matching: { matcherOf: () => matchers.of(hooks), projectNamed: () => undefined, planner: new DeliveryPlanner(() => 3), incarnationsRemembered: 32 },
    partitionOfOutcome: () => 6,
  };
  const made = new EventsAcceptedConsumer(fanout);
  await made.assigned([{ topic: Topics.eventsAccepted, partition: 4 }], [null]);
  return { consumer: made, appended };
}

describe('events.accepted', () => {
  it('asks for deliveries with the event attached, and names its place in the source stream', async () => {
    const { consumer: it, appended } = await consumer();
    const source = record(12, { traceparent: '00-1-2-01' });
    expect(await it.handle(batch(source))).toEqual({ kind: 'ok', commit: { metadata: '{"marks":[["a",13]]}' } });
    expect(appended).toMatchObject([{ topic: Topics.deliveriesRequested, partition: 3, attachment: source, headers: { traceparent: '00-1-2-01' } }]);
    expect(DeliveriesRequested.decode(appended[0]?.value as Uint8Array).kind?.value).toMatchObject({
      tenantId: 't1',
      eventId: 'evt_12',
      sourceStream: 'lin/4',
      sourcePosition: 12,
      hooks: [{ hookId: 'hook_1', version: 2 }],
      trigger: 'event',
    });
  });

  it('puts what it asks for under a span of its own where somebody collects them', async () => {
    const ended: unknown[][] = [];
    const begun: unknown[][] = [];
    const traces: Traces = { begin: (...args) => (begun.push(args), { traceparent: '00-1-9-01', end: (...how) => void ended.push(how) }) };
    const { consumer: it, appended } = await consumer({ traces, fails: 1 });
    const records = batch(record(12, { traceparent: '00-1-2-01' }), record(13));
    await expect(it.handle(records)).rejects.toThrow('away');
    expect(ended).toEqual([[{}, 'internal']]);
    appended.length = 0;
    await it.handle(records);
    expect(appended.map(({ headers }) => headers)).toEqual([{ traceparent: '00-1-9-01' }, undefined]);
    expect(begun.at(-1)).toEqual(['fan out', '00-1-2-01', { kind: 'consumer', startedAtMs: 1_000, attributes: expect.objectContaining({ 'hooklane.event.id': 'evt_12', 'hooklane.hooks.matched': 1 }) }]);
    expect(ended.at(-1)).toEqual([]);
  });

  it('publishes that an event matched nothing', async () => {
    const { consumer: it, appended } = await consumer();
    await it.handle(batch(record(0, { type: 'user.made', acceptedAtMs: 77, project: 'p' })));
    expect(appended).toMatchObject([{ topic: Topics.deliveryOutcomes, partition: 6 }]);
    expect(DeliveryOutcome.decode(appended[0]?.value as Uint8Array)).toMatchObject({ eventId: 'evt_0', fate: 'matched-nothing', eventAcceptedAtMs: 77, atMs: 1_000, project: 'p', hookId: '' });
  });

  it('handles a batch again as a whole after an append failed', async () => {
    const { consumer: it, appended } = await consumer({ fails: 1 });
    await expect(it.handle(batch(record(0), record(1)))).rejects.toThrow('away');
    appended.length = 0;
    await it.handle(batch(record(0), record(1)));
    expect(appended).toHaveLength(2);
  });

  it('drops repeats by the marks that came with the committed position', async () => {
    const { consumer: it, appended } = await consumer();
    await it.revoked([{ topic: Topics.eventsAccepted, partition: 4 }]);
    await it.assigned([{ topic: Topics.eventsAccepted, partition: 4 }], [{ topic: Topics.eventsAccepted, partition: 4, offset: 9, metadata: '{"marks":[["a",5]]}' }]);
    await it.handle(batch(record(9, { sequence: 5 }), record(10, { sequence: 6 })));
    expect(appended).toHaveLength(1);
  });

  it('dead-letters what is not an event before it does anything, and then fans the rest out', async () => {
    const { consumer: it, appended } = await consumer();
    const broken = { ...record(0), value: Buffer.from([0xff, 0xff]) };
    expect(await it.handle(batch(broken, record(1)))).toMatchObject({ kind: 'dead-letter', records: [{ record: broken }] });
    expect(appended).toEqual([]);
    expect(await it.handle({ ...batch(broken, record(1)), deadLettered: true })).toEqual({ kind: 'ok', commit: { metadata: '{"marks":[["a",2]]}' } });
    expect(appended).toHaveLength(1);
  });

  it('waits until the catalog says which creation of the topic it reads', async () => {
    const { consumer: it } = await consumer({ lineage: false });
    expect(await it.handle(batch(record(0)))).toMatchObject({ kind: 'retry' });
  });
});
