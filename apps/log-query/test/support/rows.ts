import { DeliveryOutcome, EventAccepted } from '@hooklane/contracts/topics';
import { attemptRow } from '../../src/read-model/attempt-row.js';
import { settledDelivery } from '../../src/read-model/delivery-row.js';
import { readEvent } from '../../src/read-model/read-event.js';
import { readOutcome } from '../../src/read-model/read-outcome.js';
import type { AttemptRow, DeliveryRow, EventRow } from '../../src/read-model/rows.js';
import { assemble, type FlushPlan, type Piece } from '../../src/writer/flush-plan.js';

const NOTHING = new Uint8Array();

export function eventMessage(part: Partial<EventAccepted> = {}): EventAccepted {
  return { ...EventAccepted.decode(NOTHING), tenantId: 'acme', eventId: 'evt_1', type: 'order.created', contentType: 'application/json', data: Buffer.from('{"n":1}'), acceptedAtMs: 1_000, occurredAtMs: 1_000, incarnation: 'ingest-1', sequence: 1, ...part };
}

export function outcomeMessage(part: Partial<DeliveryOutcome> = {}): DeliveryOutcome {
  const attempt = {
    attemptId: 'att_1', number: 1, startedAtMs: 1_900, connectUs: 100, firstByteUs: 900, totalUs: 1_500, outcomeClass: 'success', errorCode: '', errorSentence: '', status: 200, requestUrl: 'https://receiver.example/hook',
    requestHeaders: [{ name: 'webhook-id', value: 'evt_1' }], requestBody: Buffer.alloc(0), requestBodyIsEventData: true, responseHeaders: [], responseBody: Buffer.from('ok'), responseBodyCut: false,
  };
  return {
    ...DeliveryOutcome.decode(NOTHING), tenantId: 'acme', hookId: 'hook_1', eventId: 'evt_1', deliveryId: 'dlv_0_0_hook_1', requestOffset: 0, ownerEpoch: 1, ownerSequence: 1, hookVersion: 1, trigger: 'event',
    atMs: 2_000, attempt, fate: 'delivered', eventType: 'order.created', eventAcceptedAtMs: 1_000, ...part,
  };
}

/** @param logOffset where its record stands in partition 0 */
export function eventRow(part: Partial<EventAccepted> = {}, logOffset = 0): EventRow {
  const record = Buffer.from(EventAccepted.encode(eventMessage(part)).finish());
  const { tenantId, acceptedAtMs, eventId, type, project } = readEvent(record);
  return { logPartition: 0, logOffset, tenantId, acceptedAtMs, eventId, type, project, record };
}

export function outcomeRows(part: Partial<DeliveryOutcome> = {}, offset = 0): { attempt: AttemptRow; delivery: DeliveryRow } {
  const record = Buffer.from(DeliveryOutcome.encode(outcomeMessage(part)).finish());
  return { attempt: attemptRow({ partition: 0, offset, value: record }, readOutcome(record)), delivery: settledDelivery(0, readOutcome(record)) };
}

/** A plan of one partition of one topic. */
export function planOf(topic: string, expected: number, next: number, rows: Partial<Omit<Piece, 'position'>>, numbered = 0): FlushPlan {
  return assemble([{ position: { topic, partition: 0, expected, next, marks: '', numbered }, events: [], attempts: [], deliveries: [], unmatched: [], ...rows }]);
}
