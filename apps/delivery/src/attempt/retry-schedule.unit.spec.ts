import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from './retry-schedule.js';

const NOW = Date.UTC(2026, 0, 1);
const at = (ms: number): string => new Date(ms).toUTCString();

describe('Retry-After', () => {
  it('is read in seconds and honoured up to an hour', () => {
    expect(retryAfterMs('120', undefined, NOW)).toBe(120_000);
    expect(retryAfterMs(' 0 ', undefined, NOW)).toBe(0);
    expect(retryAfterMs('3600', undefined, NOW)).toBe(3_600_000);
    expect(retryAfterMs('86400', undefined, NOW)).toBe(3_600_000);
    expect(retryAfterMs('9'.repeat(400), undefined, NOW)).toBe(3_600_000);
  });

  it('is read as a date and honoured up to an hour; one in the past is no wait', () => {
    expect(retryAfterMs(at(NOW + 30_000), undefined, NOW)).toBe(30_000);
    expect(retryAfterMs(at(NOW + 86_400_000), undefined, NOW)).toBe(3_600_000);
    expect(retryAfterMs(at(NOW - 30_000), undefined, NOW)).toBe(0);
  });

  it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])('reads the date %s', (text) => {
    expect(retryAfterMs(text, undefined, Date.UTC(1994, 10, 6, 8, 49, 7))).toBe(30_000);
  });

  it('means a date by the receiver’s clock, where the answer says what that is', () => {
    const theirs = NOW + 7_200_000;
    expect(retryAfterMs(at(theirs + 30_000), at(theirs), NOW)).toBe(30_000);
    expect(retryAfterMs(at(NOW - 7_170_000), at(NOW - 7_200_000), NOW)).toBe(30_000);
    expect(retryAfterMs(at(NOW + 30_000), 'yesterday', NOW)).toBe(30_000);
  });

  it.each([undefined, '', 'soon', '-5', '5.5', '12 minutes', '2026-01-01T00:00:30Z', 'Jan 1 2030'])('is ignored where it is %s', (value) => {
    expect(retryAfterMs(value, at(NOW), NOW)).toBeNull();
  });
});
