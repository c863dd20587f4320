import { describe, expect, it } from '@jest/globals';
import { catchUpBorder } from './catch-up-border.js';

/** version, enabled epoch, catch-up epoch */
function versions(...rows: readonly (readonly [number, number, number])[]) {
  return rows.map(([version, enabledEpoch, catchUpEpoch]) => ({ version, enabledEpoch, catchUpEpoch }));
}

const NONE = new Set<number>();

describe('catchUpBorder', () => {
  // Made enabled (1), disabled (2), enabled with what was missed (3).
  const once = versions([1, 1, 0], [2, 1, 0], [3, 2, 2]);

  it('takes all that was skipped since the hook was made', () => {
    expect(catchUpBorder(once, NONE, 2)).toBe(0);
  });

  it('waits for the version that asked for it', () => {
    expect(catchUpBorder(versions([1, 1, 0], [2, 1, 0]), NONE, 2)).toBeNull();
    expect(catchUpBorder([], NONE, 2)).toBeNull();
  });

  it('leaves what was skipped before an enabling that asked for nothing', () => {
    // Disabled (2), enabled with none (3), disabled (4), enabled with what was missed (5).
    expect(catchUpBorder(versions([1, 1, 0], [2, 1, 0], [3, 2, 0], [4, 2, 0], [5, 3, 3]), NONE, 3)).toBe(2);
  });

  it('begins where the last completed catch-up began, and before that where it was not completed', () => {
    const twice = versions([1, 1, 0], [2, 1, 0], [3, 2, 2], [4, 2, 2], [5, 3, 3]);
    expect(catchUpBorder(twice, new Set([2]), 3)).toBe(2);
    expect(catchUpBorder(twice, NONE, 3)).toBe(0);
  });

  it('does not let what came after it move it', () => {
    expect(catchUpBorder(versions([1, 1, 0], [2, 1, 0], [3, 2, 2], [4, 2, 2], [5, 3, 2]), NONE, 2)).toBe(0);
    expect(catchUpBorder(versions([5, 3, 2], [1, 1, 0]), NONE, 2)).toBe(0);
  });

  it('moves down, not up, where versions are not known', () => {
    // The enabling with none itself (3) is not known, only a later change of the same epoch (6).
    expect(catchUpBorder(versions([1, 1, 0], [6, 2, 0], [8, 3, 3]), NONE, 3)).toBe(1);
  });
});
