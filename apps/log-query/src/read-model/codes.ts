/** What stands in `deliveries.fate` and in the fate of an outcome; the place in the list is the number stored, so entries are only ever appended. */
export const fates = ['pending', 'delivered', 'exhausted', 'discarded', 'skipped'] as const;
export type Fate = (typeof fates)[number];

export const triggers = ['event', 'retry', 'replay', 'catch-up', 'resend', 'test', 'probe'] as const;
export type Trigger = (typeof triggers)[number];

/** `none`: nothing was sent, the row is a decision such as `skipped: disabled`. */
export const outcomeClasses = ['none', 'success', 'unavailable', 'rejected', 'blocked', 'invalid', 'interrupted'] as const;
export type OutcomeClass = (typeof outcomeClasses)[number];

/** A code that this build does not know; it is shown as such rather than losing its row. */
const UNKNOWN = -1;

export function codeOf(names: readonly string[], name: string): number {
  return names.indexOf(name);
}

export function nameOf<Name extends string>(names: readonly Name[], code: number): Name | 'unknown' {
  return code === UNKNOWN ? 'unknown' : (names[code] ?? 'unknown');
}

export const DELIVERED = codeOf(fates, 'delivered');
export const PENDING = codeOf(fates, 'pending');
