import { describe, expect, it } from '@jest/globals';
import { changedState, replayChanges } from './change-replay.js';
import type { ReplayState } from './replay.js';

const REFUSED = 'refused';

function after(state: ReplayState, isSelected: boolean): readonly (string | null)[] {
  return replayChanges.map((change) => {
    try {
      return changedState({ state, isSelected }, change);
    } catch {
      return REFUSED;
    }
  });
}

describe('changedState', () => {
  it.each([
    ['selecting', false, ['paused', null, 'cancelled']],
    ['running', true, ['paused', null, 'cancelled']],
    ['paused', false, [null, 'selecting', 'cancelled']],
    ['paused', true, [null, 'running', 'cancelled']],
    ['cancelled', true, [REFUSED, REFUSED, null]],
    ['done', true, [REFUSED, REFUSED, REFUSED]],
    ['failed', false, [REFUSED, REFUSED, REFUSED]],
  ] as const)('of one that is %s (selected: %s): pause, resume, cancel → %j', (state, isSelected, states) => {
    expect(after(state, isSelected)).toEqual(states);
  });
});
