import { describe, expect, it } from '@jest/globals';
import { DeliveriesRequested, EventAccepted, Topics } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import type { LaneMachine } from '../lanes/lane-machine.js';
import { OutcomeHistory } from '../lanes/take-over.js';
import { LaneIntake } from './lane-intake.js';
import { OwnedPartition } from './owned-partition.js';

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00000000000000aa-01';

const record = (offset: number, part: Partial<LogRecord> = {}): LogRecord => ({
  topic: Topics.deliveriesRequested,
  partition: 3,
  offset,
  timestampMs: 0,
  key: null,
  headers: {},
  value: Buffer.from(
    DeliveriesRequested.encode({
      kind: { $case: 'request', value: { tenantId: 'acme', eventId: `evt_${offset}`, sourceStream: 'lin/0', sourcePosition: offset, hooks: [{ hookId: 'hook_1', version: 1 }], trigger: 'event', replayId: '' } },
    }).finish(),
  ),
  attachment: Buffer.from(EventAccepted.encode({ ...EventAccepted.decode(new Uint8Array()), tenantId: 'acme', eventId: `evt_${offset}`, traceparent: TRACE }).finish()),
  ...part,
});

function intake() {
  const requested: { readonly eventId: string; readonly traceparent: string; readonly parked: string }[] = [];
  const machine = { requested: (_lane: unknown, { request }: { request: { eventId: string; encoded: Uint8Array; event: EventAccepted } }) => void requested.push({ eventId: request.eventId, traceparent: request.event.traceparent, parked: EventAccepted.decode(request.encoded).traceparent }) };
  const owned = new OwnedPartition(3, 1, { watermark: 0, marks: new Map(), outcomesFrom: 0 }, { monotonicMs: 0, wallMs: 0 }, 0, new OutcomeHistory(), new Set(), 0, 0);
  return { owned, requested, intake: new LaneIntake({ machine: machine as unknown as LaneMachine, monotonicMs: () => 0, enabledEpochOf: () => 1, welcome: () => undefined }) };
}

describe('LaneIntake', () => {
  it('takes nothing of a batch with a record that cannot be read until that is an incident: the watermark would pass it', () => {
    const { intake: it, owned, requested } = intake();
    const broken = record(0, { value: Buffer.from([0xff, 0xff]) });
    expect(it.take(owned, { records: [broken, record(1)] })).toEqual([{ record: broken, reason: expect.stringContaining('cannot be read') as unknown }]);
    expect([owned.readUpTo, owned.snapshot().watermark, requested]).toEqual([0, 0, []]);
    expect(it.take(owned, { records: [broken, record(1)], deadLettered: true })).toEqual([]);
    expect([owned.readUpTo, owned.snapshot().watermark, requested.map(({ eventId }) => eventId)]).toEqual([2, 1, ['evt_1']]);
  });

  it('puts a delivery under the span that asked for it, also where it is parked', () => {
    const { intake: it, owned, requested } = intake();
    const span = TRACE.replace('aa-01', 'bb-01');
    it.take(owned, { records: [record(0, { headers: { traceparent: span } }), record(1)] });
    expect(requested.map(({ traceparent, parked }) => [traceparent, parked])).toEqual([[span, span], [TRACE, TRACE]]);
  });
});
