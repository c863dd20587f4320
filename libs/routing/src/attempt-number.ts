/** Where a record is in a topic. */
export interface LogPlace {
  readonly partition: number;
  readonly offset: number;
}

/** More partitions than a topic of ours may have (1,000). */
const PARTITIONS = 1_024;

/**
 * The number by which a dialect's API knows an attempt: made from the place of its outcome in `delivery.outcomes`, so it is the same for ever and after every rebuild.
 * At least 1, and at most 2^53 - 1 up to offset 2^43 - 1, which a partition reaches after 278 years of a thousand outcomes a second.
 */
export function attemptNumber({ partition, offset }: LogPlace): number {
  return offset * PARTITIONS + partition + 1;
}

/** @returns null for what is no such number */
export function attemptPlace(number: number): LogPlace | null {
  if (!Number.isSafeInteger(number) || number < 1) return null;
  return { partition: (number - 1) % PARTITIONS, offset: Math.floor((number - 1) / PARTITIONS) };
}
