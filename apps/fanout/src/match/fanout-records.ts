import { DeliveryOutcome, encodeDeliveryRequest, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord, LogRecord } from '@hooklane/event-log';
import type { FanoutDecision } from './decide-fanout.js';

export interface RecordSettings {
  /** `<lineage>/<events partition>` */
  readonly sourceStream: string;
  readonly partitionOfOutcome: (eventId: string) => number;
  readonly nowMs: number;
  /** What the work is done under from here on; empty: nobody traces it. */
  readonly traceparent: string;
}

/** The records that make a decision known. `source` is the event's own record, which travels with each request. */
export function fanoutRecords(decision: FanoutDecision, source: LogRecord, settings: RecordSettings): readonly AppendRecord[] {
  const { event } = decision;
  const headers = settings.traceparent === '' ? undefined : { traceparent: settings.traceparent };
  switch (decision.kind) {
    case 'requests':
      return decision.requests.map(({ partition, hooks }) => ({
        topic: Topics.deliveriesRequested,
        partition,
        key: null,
        headers,
        value: encodeDeliveryRequest({ tenantId: event.tenantId, eventId: event.eventId, sourceStream: settings.sourceStream, sourcePosition: decision.offset, hooks, trigger: 'event', replayId: '' }),
        attachment: source,
      }));
    case 'matched-nothing':
      return [{ topic: Topics.deliveryOutcomes, partition: settings.partitionOfOutcome(event.eventId), key: null, headers, value: matchedNothing(decision, settings.nowMs) }];
    default:
      return decision satisfies never;
  }
}

const EMPTY_OUTCOME = DeliveryOutcome.decode(new Uint8Array());

function matchedNothing({ event }: FanoutDecision, nowMs: number): Uint8Array {
  return DeliveryOutcome.encode({
    ...EMPTY_OUTCOME,
    tenantId: event.tenantId,
    eventId: event.eventId,
    eventType: event.type,
    project: event.project,
    eventAcceptedAtMs: event.acceptedAtMs,
    trigger: 'event',
    atMs: nowMs,
    fate: 'matched-nothing',
  }).finish();
}
