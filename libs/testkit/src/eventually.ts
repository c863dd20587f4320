import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 10_000;

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
