import type { Dialect } from '@hooklane/dialects';
import { parseEventTypePattern } from '@hooklane/routing';
import { invalidHook } from './invalid-hook.js';

/**
 * What a hook is subscribed to when its owner asks for these types: presets of the dialect's catalogue become what they stand for, and types that are not in it
 * are kept, dropped or refused, whichever the product does.
 * @throws AppError `invalid-hook` where the product refuses one, or where none is left
 */
export function subscribedTypes({ name, catalogue }: Pick<Dialect, 'name' | 'catalogue'>, asked: readonly string[]): readonly string[] {
  const { entries, presets, unknownTypes } = catalogue;
  if (entries.length === 0) return asked;
  const isKnown = (type: string): boolean => {
    const pattern = parseEventTypePattern(type);
    if (pattern?.kind === 'all') return true;
    if (pattern?.kind === 'prefix') return entries.some((entry) => entry.type.startsWith(pattern.prefix));
    return entries.some((entry) => entry.type === type || entry.aliases.includes(type));
  };
  const expanded = asked.flatMap((type, index) => (Object.hasOwn(presets, type) ? presets[type]! : [type]).map((one) => ({ type: one, index })));
  const unknown = unknownTypes === 'accept' ? [] : expanded.filter(({ type }) => !isKnown(type));
  if (unknownTypes === 'refuse' && unknown.length > 0) throw invalidHook(unknown.map(({ type, index }) => ({ pointer: `/eventTypes/${index}`, message: `The dialect ${name} has no event type "${type}".` })));
  const left = [...new Set(expanded.filter((one) => !unknown.includes(one)).map(({ type }) => type))];
  if (left.length === 0) throw invalidHook([{ pointer: '/eventTypes', message: `The dialect ${name} has none of these event types.` }]);
  return left;
}
