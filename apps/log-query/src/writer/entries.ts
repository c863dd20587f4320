import { decodeDeliveriesRequested } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import { attemptRow } from '../read-model/attempt-row.js';
import { requestedDelivery, settledDelivery } from '../read-model/delivery-row.js';
import { readEvent } from '../read-model/read-event.js';
import { readOutcome } from '../read-model/read-outcome.js';
import type { EventEntry, OutcomeEntry, RequestEntry } from './flush-buffer.js';

/** Of a record of events.accepted. */
export function eventEntry(record: LogRecord, arrivedMs: number): EventEntry {
  const event = readEvent(record.value);
  return {
    offset: record.offset,
    arrivedMs,
    loggedMs: record.timestampMs,
    bytes: record.value.length,
    rows: 1,
    incarnation: event.incarnation,
    sequence: event.sequence,
    row: {
      logPartition: record.partition,
      logOffset: record.offset,
      tenantId: event.tenantId,
      acceptedAtMs: event.acceptedAtMs,
      eventId: event.eventId,
      type: event.type,
      project: event.project,
      record: record.value,
    },
  };
}

// What a delivery holds while it waits: about twenty fields.
const BYTES_A_DELIVERY = 400;

/** Of a record of deliveries.requested. */
export function requestEntry(record: LogRecord, arrivedMs: number): RequestEntry {
  const { kind } = decodeDeliveriesRequested(record.value);
  if (kind?.$case !== 'request') {
    const isForReplays = kind?.value.kind === 'release-catch-up';
    return { offset: record.offset, arrivedMs, loggedMs: record.timestampMs, bytes: record.value.length, rows: 1, request: null, deliveries: [], isForReplays };
  }
  if (!record.attachment) throw new Error('a request carries the event it delivers');
  const request = kind.value;
  const event = readEvent(record.attachment);
  return {
    offset: record.offset,
    arrivedMs,
    loggedMs: record.timestampMs,
    bytes: request.hooks.length * BYTES_A_DELIVERY,
    rows: Math.max(request.hooks.length, 1),
    request,
    deliveries: request.hooks.map((hook) => requestedDelivery(record, request, hook, event)),
  };
}

/** Of a record of delivery.outcomes. */
export function outcomeEntry(record: LogRecord, arrivedMs: number): OutcomeEntry {
  const outcome = readOutcome(record.value);
  const entry = { offset: record.offset, arrivedMs, loggedMs: record.timestampMs, bytes: record.value.length, rows: 2, isForReplays: outcome.catchUpOpened !== null };
  if (outcome.fate === 'matched-nothing') {
    const acceptedAtMs = outcome.eventAcceptedAtMs || outcome.atMs;
    return { ...entry, rows: 1, attempt: null, delivery: null, unmatched: { tenantId: outcome.tenantId, eventId: outcome.eventId, acceptedAtMs, decidedAtMs: outcome.atMs } };
  }
  // A verdict alone is the registry's affair; tests, probes and resends are attempts that settle nothing.
  const isShown = outcome.attempt !== null || outcome.fate !== '';
  return {
    ...entry,
    attempt: isShown ? attemptRow(record, outcome) : null,
    delivery: outcome.deliveryId !== '' && outcome.fate !== '' ? settledDelivery(record.partition, outcome) : null,
    unmatched: null,
  };
}
