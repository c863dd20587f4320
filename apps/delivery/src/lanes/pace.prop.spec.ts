import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createPace, lowered, nextStartMs, raised, started } from './pace.js';

/** In milliseconds: how long after a request may start it does. */
const lateness = fc.array(fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: fc.nat({ max: 3_000 }) }), { minLength: 2, maxLength: 200 });

describe('a limit of r a second', () => {
  it('lets no more than r·t + 1 requests start in any t seconds, but for the 5 ms that a late timer may catch up', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1_000, noNaN: true }), lateness, (limit, late) => {
        const pace = createPace(-Infinity);
        const starts: number[] = [];
        let nowMs = 0;
        for (const ms of late) {
          nowMs = Math.max(nowMs, nextStartMs(pace, limit)) + ms;
          started(pace, limit, nowMs);
          starts.push(nowMs);
        }
        for (let from = 0; from < starts.length; from += 1) {
          for (let to = from + 1; to < starts.length; to += 1) {
            const spentMs = (starts[to] as number) - (starts[from] as number);
            expect(spentMs).toBeGreaterThanOrEqual(((to - from) * 1_000) / limit - 5.001);
          }
        }
      }),
    );
  });
});

describe('back-off, whatever a receiver answers', () => {
  it('is never faster than what the lane made at first, never stops it, and ends after enough successes', () => {
    const answer = fc.record({ kind: fc.constantFrom('ok' as const, 'ok' as const, 'ok' as const, 'overloaded' as const), status: fc.constantFrom(429, 503), isAgain: fc.boolean(), gapMs: fc.double({ min: 1, max: 1_000, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 200 }), (answers) => {
        const pace = createPace(-Infinity);
        let nowMs = 0;
        for (const { kind, status, isAgain, gapMs } of answers) {
          nowMs += 1_000;
          if (kind === 'ok') raised(pace);
          else lowered(pace, { status, isAgain, gapMs, startedMs: nowMs - 1, nowMs });
          if (pace.perSecond !== Infinity) {
            expect(pace.perSecond).toBeGreaterThanOrEqual(0.1);
            expect(pace.perSecond).toBeLessThan(Math.max(pace.fromPerSecond, 0.11));
          }
        }
        for (let n = 0; n < 1e6 && pace.perSecond !== Infinity; n += 1) raised(pace);
        expect(pace.perSecond).toBe(Infinity);
      }),
    );
  });
});
