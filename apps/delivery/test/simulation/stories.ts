import fc from 'fast-check';
import type { Settings, Step } from './delivery-simulation.js';

/** Any hook. */
export const settings: fc.Arbitrary<Settings> = fc.record({
  limit: fc.constantFrom(0, 1, 2, 3, 5),
  count: fc.constantFrom('in-a-row' as const, 'in-a-row' as const, 'total' as const),
  hooks: fc.constantFrom(1, 2),
  retries: fc.constantFrom(true, true, true, false),
  order: fc.constantFrom('fifo' as const, 'fifo-per-key' as const, 'none' as const),
  concurrency: fc.constantFrom(1, 2, 3, 8),
});

const nth = fc.nat({ max: 3 });
/** Anything that may happen next. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('publish' as const), key: fc.nat({ max: 2 }) }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('answer' as const), nth, result: fc.constantFrom('success' as const, 'success' as const, 'unavailable' as const, 'rejected' as const) }) },
  { weight: 24, arbitrary: fc.record({ kind: fc.constant('return' as const), what: fc.constantFrom('append' as const, 'rows' as const, 'parking' as const, 'page' as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(50, 1_000, 2_500, 4_000) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'flush' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('change' as const), nth, to: fc.constantFrom('disabled' as const, 'enabled' as const, 'missed' as const, 'missed' as const, 'edited' as const, 'reordered' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('command' as const), nth, what: fc.constantFrom('retry-now' as const, 'skip-head' as const, 'hold' as const, 'release' as const, 'release-catch-up' as const, 'relay' as const, 'relay' as const, 'relay' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('replay' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), nth }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'hand-over' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'stop' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'away' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), applied: fc.boolean(), behind: fc.boolean() }) },
);

export const steps: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 20, maxLength: 160, size: 'max' });
