import type { DeliveryRequest, HookVersion } from '@hooklane/contracts/topics';
import type { ReadOutcome } from './read-outcome.js';
import type { ReadEvent } from './read-event.js';
import type { DeliveryRow } from './rows.js';
import { codeOf, fates, PENDING, triggers } from './codes.js';
import { storable } from './storable.js';

/** @returns the public id of a delivery: the place of its request in the log and its hook. */
export function deliveryIdOf(requestPartition: number, requestOffset: number, hookId: string): string {
  return `dlv_${requestPartition}_${requestOffset}_${hookId}`;
}

export interface RequestPlace {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
}

/** A delivery as its request says: pending, without attempts. */
export function requestedDelivery(place: RequestPlace, request: DeliveryRequest, hook: HookVersion, event: Pick<ReadEvent, 'acceptedAtMs' | 'type' | 'project'>): DeliveryRow {
  return {
    id: deliveryIdOf(place.partition, place.offset, hook.hookId),
    tenantId: request.tenantId,
    acceptedAtMs: event.acceptedAtMs,
    requestPartition: place.partition,
    requestOffset: place.offset,
    hookId: hook.hookId,
    hookVersion: hook.version,
    eventId: request.eventId,
    type: event.type,
    project: event.project,
    trigger: codeOf(triggers, request.trigger),
    replayId: request.replayId,
    requestedAtMs: place.timestampMs,
    fate: PENDING,
    fateReason: '',
    attempts: 0,
    status: 0,
    errorCode: '',
    outcomeAtMs: 0,
    nextAttemptAtMs: 0,
    ownerEpoch: -1,
    ownerSequence: -1,
  };
}

/** A delivery as one of its outcomes says; the request may not have been read yet. */
export function settledDelivery(requestPartition: number, outcome: ReadOutcome): DeliveryRow {
  return {
    id: deliveryIdOf(requestPartition, outcome.requestOffset, outcome.hookId),
    tenantId: outcome.tenantId,
    acceptedAtMs: outcome.eventAcceptedAtMs || outcome.atMs,
    requestPartition,
    requestOffset: outcome.requestOffset,
    hookId: outcome.hookId,
    hookVersion: outcome.hookVersion,
    eventId: outcome.eventId,
    type: storable(outcome.eventType),
    project: storable(outcome.project),
    // A retry is an attempt's trigger; its delivery was made by an event, unless the request says otherwise.
    trigger: codeOf(triggers, outcome.replayId === '' ? 'event' : outcome.replayId.startsWith('catch-up/') ? 'catch-up' : 'replay'),
    replayId: outcome.replayId,
    requestedAtMs: 0,
    fate: codeOf(fates, outcome.fate),
    fateReason: outcome.fateReason,
    attempts: outcome.attempt?.number ?? 0,
    status: outcome.attempt?.status ?? 0,
    errorCode: outcome.attempt?.errorCode ?? '',
    outcomeAtMs: outcome.atMs,
    nextAttemptAtMs: outcome.nextAttemptAtMs,
    ownerEpoch: outcome.ownerEpoch,
    ownerSequence: outcome.ownerSequence,
  };
}

/**
 * What two rows of the same delivery say together, in either order: the request's part from the one that has read it,
 * the fate from the outcome of the higher (owner epoch, sequence). The upsert in the database follows the same rule.
 */
export function mergeDelivery(one: DeliveryRow, other: DeliveryRow): DeliveryRow {
  const newer = isNewerOutcome(other, one) ? other : one;
  const older = newer === one ? other : one;
  const requested = one.requestedAtMs > 0 ? one : other;
  return {
    ...newer,
    acceptedAtMs: requested.acceptedAtMs,
    trigger: requested.trigger,
    replayId: requested.replayId,
    requestedAtMs: requested.requestedAtMs,
    hookVersion: Math.max(one.hookVersion, other.hookVersion),
    attempts: Math.max(newer.attempts, older.attempts),
    // A decision without an attempt (gave up, skipped) keeps what the last attempt met.
    status: newer.attempts > 0 ? newer.status : older.status,
    errorCode: newer.attempts > 0 ? newer.errorCode : older.errorCode,
  };
}

function isNewerOutcome(a: DeliveryRow, b: DeliveryRow): boolean {
  return a.ownerEpoch > b.ownerEpoch || (a.ownerEpoch === b.ownerEpoch && a.ownerSequence > b.ownerSequence);
}
