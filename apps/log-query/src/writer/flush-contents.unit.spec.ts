import { describe, expect, it } from '@jest/globals';
import { Topics } from '@hooklane/contracts/topics';
import { eventRow, outcomeRows } from '../../test/support/rows.js';
import { contentsOf, joined, numbersOf } from './flush-contents.js';
import { assemble, type Piece } from './flush-plan.js';

function piece(topic: string, partition: number, offsets: readonly number[], timeMs: number, numbered = 0): Piece {
  const position = { topic, partition, expected: offsets[0] ?? 0, next: (offsets.at(-1) ?? -1) + 1, marks: '', numbered };
  const blank = { position, events: [], attempts: [], deliveries: [], unmatched: [] };
  if (topic === Topics.eventsAccepted) return { ...blank, events: offsets.map((offset) => eventRow({ acceptedAtMs: timeMs + offset }, offset)) };
  return { ...blank, attempts: offsets.map((offset) => outcomeRows({ atMs: timeMs + offset }, offset).attempt) };
}

describe('contentsOf', () => {
  it('names the stretches of the log and when their records happened; one number for each offset', () => {
    const contents = contentsOf(assemble([piece(Topics.eventsAccepted, 3, [7, 8, 10], 1_000), piece(Topics.deliveryOutcomes, 1, [5], 2_000), piece(Topics.deliveryOutcomes, 2, [0, 1], 9_000)]));
    expect(contents).toEqual({ events: { records: [[3, 7, 11]], times: [[1_007, 1_010]] }, outcomes: { records: [[1, 5, 6], [2, 0, 2]], times: [[2_005, 2_005], [9_000, 9_001]] } });
    expect(numbersOf(contents)).toBe(4 + 1 + 2);
  });

  it('leaves out what has its number from before a rebuild', () => {
    const contents = contentsOf(assemble([piece(Topics.eventsAccepted, 0, [7, 8, 9], 1_000, 9), piece(Topics.deliveryOutcomes, 0, [1, 2], 1_000, 100)]));
    expect(contents).toEqual({ events: { records: [[0, 9, 10]], times: [[1_009, 1_009]] }, outcomes: { records: [], times: [] } });
  });
});

describe('joined', () => {
  it('joins what is near, keeps apart what is far, in any order', () => {
    expect(joined([[5_000, 5_100], [0, 10], [1_010, 1_020], [5_050, 5_060], [6_101, 6_101]])).toEqual([[0, 1_020], [5_000, 5_100], [6_101, 6_101]]);
    expect(joined([])).toEqual([]);
  });
});
