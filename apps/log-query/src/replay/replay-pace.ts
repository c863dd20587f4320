/** A step takes about so long a share of a second's deliveries: short enough to spread them, long enough to be worth a transaction. */
const STEP_MS = 200;

/** Deliveries that one step may make of a replay with this rate; null: no limit of its own. */
export function stepSize(ratePerSecond: number | null, largest: number): number {
  if (ratePerSecond === null) return largest;
  return Math.min(largest, Math.max(1, Math.floor((ratePerSecond * STEP_MS) / 1_000)));
}

/** How long nothing more is made of the replay after `made` deliveries, in milliseconds. */
export function pauseAfter(made: number, ratePerSecond: number | null): number {
  return ratePerSecond === null ? 0 : (made * 1_000) / ratePerSecond;
}
