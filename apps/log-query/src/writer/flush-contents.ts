import type { FlushPlan } from './flush-plan.js';

/** Records of one partition, from an offset to before another. */
export type Stretch = readonly [partition: number, fromOffset: number, nextOffset: number];
/** Milliseconds, both included. */
export type TimeRange = readonly [fromMs: number, toMs: number];

/** Where to find the rows of some records without an index by their place: their times, which the lists' index knows. */
export interface Stretches {
  readonly records: readonly Stretch[];
  readonly times: readonly TimeRange[];
}

/**
 * What a flush gives numbers to: one for each offset, first the events, then the outcomes, stretch by stretch.
 * What has its number from before a rebuild is not in it, so a number means the same record for ever.
 */
export interface FlushContents {
  readonly events: Stretches;
  readonly outcomes: Stretches;
}

export function contentsOf({ pieces }: FlushPlan): FlushContents {
  const events: [Stretch, readonly number[]][] = [];
  const outcomes: [Stretch, readonly number[]][] = [];
  for (const { position, events: eventRows, attempts } of pieces) {
    const { partition, numbered } = position;
    const isNew = (row: { readonly logOffset: number }): boolean => row.logOffset >= numbered;
    const newEvents = eventRows.filter(isNew);
    const newAttempts = attempts.filter(isNew);
    if (newEvents.length > 0) events.push([stretchOf(partition, newEvents), newEvents.map((row) => row.acceptedAtMs)]);
    if (newAttempts.length > 0) outcomes.push([stretchOf(partition, newAttempts), newAttempts.map((row) => row.atMs)]);
  }
  return { events: stretchesOf(events), outcomes: stretchesOf(outcomes) };
}

/** How many numbers the contents take. */
export function numbersOf({ events, outcomes }: FlushContents): number {
  return [...events.records, ...outcomes.records].reduce((sum, [, from, next]) => sum + next - from, 0);
}

/** So far apart, rows are looked for one by one: a flush may hold an outcome of days ago, which its owner could not publish then. */
const FAR_MS = 1_000;

/** As few ranges as hold all of these and no long time in which none is. */
export function joined(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1] + FAR_MS) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** @param rows in the order of the log */
function stretchOf(partition: number, rows: readonly { readonly logOffset: number }[]): Stretch {
  return [partition, rows[0]?.logOffset ?? 0, (rows.at(-1)?.logOffset ?? -1) + 1];
}

function stretchesOf(parts: readonly (readonly [Stretch, readonly number[]])[]): Stretches {
  return { records: parts.map(([stretch]) => stretch), times: joined(parts.flatMap(([, times]) => times.map((time) => [time, time] as const))) };
}
