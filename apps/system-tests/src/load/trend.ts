/** One reading: a moment and what was read, in whatever unit. */
export interface Reading {
  readonly atMs: number;
  readonly value: number;
}

export interface Trend {
  readonly median: number;
  readonly first: number;
  readonly last: number;
  /** By the slope over the whole time. */
  readonly growth: number;
  readonly flat: boolean;
}

/** Readings at the beginning that say nothing yet: caches fill and V8 compiles. */
const WARM_UP_SHARE = 0.2;

/**
 * Whether something grows. The slope is the median of the slopes between all pairs of readings (Theil and Sen), so that neither a few outliers nor where the
 * saw-tooth of a garbage collector happens to begin and end decides.
 * @param slack growth in the unit of the readings that is not yet growth; a tenth of the median is never
 */
export function trendOf(readings: readonly Reading[], slack: number): Trend {
  const settled = readings.slice(Math.floor(readings.length * WARM_UP_SHARE));
  const [first, last] = [settled[0], settled.at(-1)];
  if (first === undefined || last === undefined || first === last) throw new Error(`${readings.length} readings say nothing of a trend.`);
  const slopes = settled.flatMap((one, index) => settled.slice(index + 1).map((other) => (other.value - one.value) / (other.atMs - one.atMs)));
  const median = medianOf(settled.map(({ value }) => value));
  const growth = medianOf(slopes) * (last.atMs - first.atMs);
  return { median, first: first.value, last: last.value, growth, flat: growth <= Math.max(slack, median / 10) };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
