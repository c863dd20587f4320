import { decodeDeliveriesRequested } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import type { SourceMark } from '@hooklane/routing';

/** The source of all replays of a partition: one stream, whose positions rise for ever. */
export function replayStream(partition: number): string {
  return `replay/${partition}`;
}

const NOTHING_YET: SourceMark = { position: 0, hookId: '' };

export function isAtOrBelow(place: SourceMark, mark: SourceMark): boolean {
  return place.position < mark.position || (place.position === mark.position && place.hookId <= mark.hookId);
}

export function higherMark(one: SourceMark, other: SourceMark): SourceMark {
  return isAtOrBelow(one, other) ? other : one;
}

/** @param marks of the fold as JSON, as log-query stores them with its position in deliveries.requested */
export function markIn(marks: string, stream: string): SourceMark {
  return (JSON.parse(marks) as [string, SourceMark][]).find(([name]) => name === stream)?.[1] ?? NOTHING_YET;
}

/** The highest place of the stream among records of deliveries.requested; what cannot be read was never a replay's. */
export function markAmong(records: readonly LogRecord[], stream: string): SourceMark {
  let mark = NOTHING_YET;
  for (const { value } of records) {
    const request = requestIn(value);
    const last = request?.sourceStream === stream ? request.hooks.at(-1) : undefined;
    if (request && last) mark = higherMark(mark, { position: request.sourcePosition, hookId: last.hookId });
  }
  return mark;
}

function requestIn(value: Buffer) {
  try {
    const { kind } = decodeDeliveriesRequested(value);
    return kind?.$case === 'request' ? kind.value : null;
  } catch {
    return null;
  }
}
