import type { ReceivedRequest } from '@hooklane/testkit';

export interface Ledger {
  /** Acked numbers that never arrived. */
  readonly lost: readonly number[];
  /** Numbers whose first arrival came after that of a higher one. */
  readonly inverted: readonly number[];
  /** Arrivals of a number that had arrived before. */
  readonly repeats: number;
}

/** Compares what a receiver got (bodies `{"n":…}`) with what publishers were promised (promises 1 to 3). */
export function ledgerOf(requests: readonly ReceivedRequest[], acked: readonly number[]): Ledger {
  const seen = new Set<number>();
  const inverted: number[] = [];
  let highest = -1;
  let repeats = 0;
  for (const { body } of requests) {
    const { n } = JSON.parse(body.toString()) as { n: number };
    if (seen.has(n)) {
      repeats += 1;
      continue;
    }
    seen.add(n);
    if (n < highest) inverted.push(n);
    highest = Math.max(highest, n);
  }
  return { lost: acked.filter((n) => !seen.has(n)), inverted, repeats };
}
