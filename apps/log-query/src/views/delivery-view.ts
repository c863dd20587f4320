import type { DeliverySummary } from '@hooklane/contracts/rest';
import type { StoredDelivery } from '../query/stored.js';
import { fates, nameOf, triggers } from '../read-model/codes.js';
import { momentOf, momentOrNull, textOrNull } from './moments.js';

export function deliverySummary(delivery: StoredDelivery): DeliverySummary {
  return {
    id: delivery.id,
    eventId: delivery.eventId,
    hookId: delivery.hookId,
    hookVersion: delivery.hookVersion,
    type: delivery.type,
    project: textOrNull(delivery.project),
    trigger: nameOf(triggers, delivery.trigger),
    replayId: textOrNull(delivery.replayId),
    eventAcceptedAt: momentOf(delivery.acceptedAtMs),
    requestedAt: momentOrNull(delivery.requestedAtMs),
    fate: nameOf(fates, delivery.fate),
    fateReason: textOrNull(delivery.fateReason),
    attempts: delivery.attempts,
    lastStatus: delivery.status || null,
    lastError: textOrNull(delivery.errorCode),
    lastOutcomeAt: momentOrNull(delivery.outcomeAtMs),
    nextAttemptAt: momentOrNull(delivery.nextAttemptAtMs),
  };
}

const DELIVERY_ID = /^dlv_(\d{1,9})_(\d{1,15})_(.{1,200})$/;

/** @returns null for what no delivery id can be */
export function parseDeliveryId(id: string): { readonly requestPartition: number; readonly requestOffset: number; readonly hookId: string } | null {
  const [, partition, offset, hookId] = DELIVERY_ID.exec(id) ?? [];
  return hookId === undefined ? null : { requestPartition: Number(partition), requestOffset: Number(offset), hookId };
}

/** What became of a delivery, for a person. */
export function fateSentence({ fate, fateReason, attempts, lastStatus, lastError, nextAttemptAt }: DeliverySummary): string {
  const why = fateReason === null ? '' : ` (${fateReason})`;
  const met = lastError ?? (lastStatus === null ? null : `status ${lastStatus}`);
  const tried = attempts === 0 ? 'without an attempt' : `after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
  switch (fate) {
    case 'delivered': return `It was delivered, ${tried}.`;
    case 'pending': return `It is waiting, ${tried}${met ? `; the last one met ${met}` : ''}${nextAttemptAt ? `; the next one is due at ${nextAttemptAt}` : ''}.`;
    case 'exhausted': return `It was given up ${tried}${why}${met ? `; the last one met ${met}` : ''}.`;
    case 'skipped': return `It was skipped ${tried}${why}.`;
    default: return `It was ${fate} ${tried}${why}.`;
  }
}
