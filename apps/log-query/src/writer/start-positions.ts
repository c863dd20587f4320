import type { StartPosition } from '@hooklane/event-log';

/** Where nothing was read yet the log says where it begins; a stored position that the log no longer has is a gap, and the log says so. */
export function startPositions(nextOffsets: readonly number[]): readonly StartPosition[] {
  return nextOffsets.map((offset) => (offset === 0 ? 'beginning' : { offset }));
}
