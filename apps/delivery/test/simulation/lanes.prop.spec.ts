import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { DeliverySimulation, type Settings, type Step } from './delivery-simulation.js';

const settings: fc.Arbitrary<Settings> = fc.record({ limit: fc.constantFrom(0, 1, 2, 3, 5), count: fc.constantFrom('in-a-row' as const, 'in-a-row' as const, 'total' as const), hooks: fc.constantFrom(1, 2) });

const nth = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: 'publish' as const }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('answer' as const), nth, result: fc.constantFrom('success' as const, 'success' as const, 'unavailable' as const, 'rejected' as const) }) },
  { weight: 24, arbitrary: fc.record({ kind: fc.constant('return' as const), what: fc.constantFrom('append' as const, 'rows' as const, 'parking' as const, 'page' as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(50, 1_000, 2_500, 4_000) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'flush' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('change' as const), nth, to: fc.constantFrom('disabled' as const, 'enabled' as const, 'enabled' as const, 'edited' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), applied: fc.boolean() }) },
);

describe('lanes, whatever the order of answers, commits, acks, pages, changes of the hook and crashes', () => {
  it('send nothing before every earlier event has its fate, make at most N failing attempts an epoch, and in the end give everything its fate', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.array(step, { minLength: 20, maxLength: 160, size: 'max' }), async (given, steps) => {
        const simulation = new DeliverySimulation(given);
        await simulation.start();
        for (const next of steps) await simulation.step(next);
        await simulation.settleDown();
        simulation.assertAtRest();
      }),
      { numRuns: Number(process.env['HOOKLANE_PROPERTY_RUNS'] ?? 150) },
    );
  }, 60_000);
});
