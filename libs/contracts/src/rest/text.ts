import { z } from 'zod';

// Postgres' jsonb holds no U+0000 and no lone surrogates; other control characters in a name are somebody's mistake.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
// A lone surrogate: with the flag `u` a pair of them is one code point and does not match.
// eslint-disable-next-line no-control-regex
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/** One line of text that can be stored and shown. Lengths are UTF-16 code units. */
export function line(max: number, min = 1): z.ZodString {
  return z.string().min(min).max(max).refine((text) => !CONTROL.test(text) && !UNSTORABLE.test(text), 'Must be one line of well-formed text.');
}

/** Text of any number of lines. */
export function text(max: number): z.ZodString {
  return z.string().max(max).refine((value) => !UNSTORABLE.test(value), 'Must be well-formed text without U+0000.');
}

/** Any JSON value that a database can keep: no text in it holds U+0000 or a lone surrogate. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !UNSTORABLE.test(value);
  if (Array.isArray(value)) return value.every(isStorable);
  if (value !== null && typeof value === 'object') return Object.entries(value).every(([key, member]) => isStorable(key) && isStorable(member));
  return true;
}

/** A moment as RFC 3339 with a zone. */
export const moment = z.iso.datetime({ offset: true });
