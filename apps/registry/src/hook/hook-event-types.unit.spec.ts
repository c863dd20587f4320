import { describe, expect, it } from '@jest/globals';
import { nativeDialect, type EventCatalogue } from '@hooklane/dialects';
import type { AppError } from '@hooklane/kernel';
import { shopDialect } from '../../test/shop-dialect.js';
import { subscribedTypes } from './hook-event-types.js';

const shop = (unknownTypes: EventCatalogue['unknownTypes']) => ({ name: 'shop', catalogue: { ...shopDialect.catalogue, unknownTypes } });
const refusal = (asked: string[], unknownTypes: EventCatalogue['unknownTypes']): unknown => {
  try {
    return subscribedTypes(shop(unknownTypes), asked);
  } catch (error) {
    return [(error as AppError).code, ((error as AppError).details['errors'] as { pointer: string }[]).map(({ pointer }) => pointer)];
  }
};

describe('what a hook is subscribed to', () => {
  it('is what was asked for, where the dialect has no catalogue', () => {
    expect(subscribedTypes(nativeDialect, ['a', 'a', 'b.*'])).toEqual(['a', 'a', 'b.*']);
  });

  it('names each type of a preset once', () => {
    expect(subscribedTypes(shop('refuse'), ['order.lost', 'all-orders'])).toEqual(['order.lost', 'order.paid']);
  });

  it.each(['accept', 'drop', 'refuse'] as const)('knows types, their aliases, all and prefixes (unknown ones: %s)', (unknownTypes) => {
    expect(subscribedTypes(shop(unknownTypes), ['order.paid', '2', '*', 'order.*'])).toEqual(['order.paid', '2', '*', 'order.*']);
  });

  it('keeps, drops or refuses what the catalogue does not have', () => {
    const asked = ['order.paid', '99', 'ship.*'];
    expect(refusal(asked, 'accept')).toEqual(asked);
    expect(refusal(asked, 'drop')).toEqual(['order.paid']);
    expect(refusal(asked, 'refuse')).toEqual(['invalid-hook', ['/eventTypes/1', '/eventTypes/2']]);
  });

  it('is never nothing (iceScrum: none left is refused)', () => {
    expect(refusal(['nonsense'], 'drop')).toEqual(['invalid-hook', ['/eventTypes']]);
  });

  it('does not take what only tests send for an event type', () => {
    expect(refusal(['ping'], 'refuse')).toEqual(['invalid-hook', ['/eventTypes/0']]);
  });
});
