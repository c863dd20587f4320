import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;
/** Long enough for a Kafka group to form on a busy machine; nothing waits this long when it works. */
const PATIENCE_MS = 40_000;
const PASSES_WITHIN_MS = 15_000;

/**
 * Looks until `look` returns something other than false, null or undefined, and returns it. For facts that nothing announces; what announces
 * itself is awaited instead.
 * @param what completes "Waited for …" in the error
 */
export async function eventually<Fact>(look: () => Fact | Promise<Fact>, what: string, patienceMs = PATIENCE_MS): Promise<Exclude<Fact, false | null | undefined>> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const fact = await look();
    if (fact !== false && fact !== null && fact !== undefined) return fact as Exclude<Fact, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`Waited ${patienceMs} ms for ${what}.`);
    await sleep(LOOK_EVERY_MS);
  }
}

/**
 * Repeats `check`, usually an expectation, until it passes, and returns what it returned; fails with the check's own last error when that takes
 * longer than `withinMs`. For what happens after an answer, never for an answer itself.
 */
export async function eventuallyPasses<Result>(check: () => Result | Promise<Result>, withinMs = PASSES_WITHIN_MS): Promise<Result> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(LOOK_EVERY_MS);
  }
}
