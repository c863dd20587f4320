import type { UndeliveredView } from '@hooklane/contracts/rest';
import type { StoredDelivery, StoredUnmatched } from '../query/stored.js';
import { deliverySummary, fateSentence } from './delivery-view.js';
import { momentOf, textOrNull } from './moments.js';

/** Reasons that need more words than their code. */
const REASONS: Readonly<Record<string, string>> = {
  disabled: 'The hook was disabled when its turn came. Enabling the hook with what it has missed, or a replay, brings it.',
  'hook-deleted': 'The hook had been deleted when its turn came.',
  'by-command': 'A person skipped it.',
  'already-pending': 'It was part of a replay while the event still waited for the hook: that delivery brings it.',
  'backlog-full': 'More deliveries waited for the hook than it may keep.',
};

export function undeliveredDelivery(stored: StoredDelivery): UndeliveredView {
  const delivery = deliverySummary(stored);
  return {
    eventId: delivery.eventId,
    eventAcceptedAt: delivery.eventAcceptedAt,
    type: delivery.type,
    project: delivery.project,
    hookId: delivery.hookId,
    fate: delivery.fate,
    reason: delivery.fateReason,
    waitsFor: delivery.fate !== 'pending' ? null : delivery.nextAttemptAt === null ? 'turn' : 'retry',
    sentence: sentenceOf(delivery),
    delivery,
  };
}

export function undeliveredEvent(event: StoredUnmatched): UndeliveredView {
  return {
    eventId: event.eventId,
    eventAcceptedAt: momentOf(event.key.timeMs),
    type: event.type,
    project: textOrNull(event.project),
    hookId: null,
    fate: 'matched-nothing',
    reason: null,
    waitsFor: null,
    sentence: 'No hook of the tenant wanted it when it was matched.',
    delivery: null,
  };
}

function sentenceOf(delivery: ReturnType<typeof deliverySummary>): string {
  const { fate, fateReason, nextAttemptAt } = delivery;
  const sentence = fateSentence(delivery);
  if (fate === 'pending' && nextAttemptAt === null) return `${sentence} What its lane waits for, the lane of the hook says.`;
  const reason = fateReason === null || !Object.hasOwn(REASONS, fateReason) ? undefined : REASONS[fateReason];
  return reason === undefined ? sentence : `${sentence} ${reason}`;
}
