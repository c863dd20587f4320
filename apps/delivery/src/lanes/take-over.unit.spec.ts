import { expect, it } from '@jest/globals';
import { AttemptResult, DeliveryOutcome } from '@hooklane/contracts/topics';
import { OutcomeHistory } from './take-over.js';

const none = new Uint8Array();
const outcome = (ownerEpoch: number, fate: string): DeliveryOutcome => ({ ...DeliveryOutcome.decode(none), hookId: 'hook_1', deliveryId: 'dlv_0_4_hook_1', requestOffset: 4, ownerEpoch, ownerSequence: 1, fate, attempt: { ...AttemptResult.decode(none), number: ownerEpoch } });
const history = (...outcomes: DeliveryOutcome[]): OutcomeHistory => {
  const read = new OutcomeHistory();
  for (const one of outcomes) read.add(one);
  return read;
};

it('a fate is one, whichever outcome of its owner comes behind it', () => {
  expect(history(outcome(5, 'pending'), outcome(6, 'delivered')).isSettled(4, 'hook_1')).toBe(true);
  expect(history(outcome(6, 'delivered'), outcome(5, 'pending')).isSettled(4, 'hook_1')).toBe(true);
});

it('a fate of an owner whose time was up is none once the next one has gone on with the delivery: log-query shows that one, too', () => {
  expect(history(outcome(6, 'pending'), outcome(5, 'exhausted')).isSettled(4, 'hook_1')).toBe(false);
  expect(history(outcome(5, 'exhausted'), outcome(6, 'pending')).isSettled(4, 'hook_1')).toBe(false);
  expect(history(outcome(5, 'exhausted'), outcome(6, 'pending'), outcome(6, 'delivered')).isSettled(4, 'hook_1')).toBe(true);
});
