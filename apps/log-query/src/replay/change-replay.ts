import { AppError } from '@hooklane/kernel';
import type { Replay, ReplayState } from './replay.js';

export const replayChanges = ['pause', 'resume', 'cancel'] as const;
export type ReplayChangeKind = (typeof replayChanges)[number];

const GOES_ON: readonly ReplayState[] = ['selecting', 'running'];

/**
 * The state that a replay comes to when a person changes it; null when it is there already, so that the same wish twice is one.
 * @throws AppError `invalid-state`
 */
export function changedState(replay: Pick<Replay, 'state' | 'isSelected'>, change: ReplayChangeKind): ReplayState | null {
  const { state } = replay;
  switch (change) {
    case 'pause':
      if (state === 'paused') return null;
      if (GOES_ON.includes(state)) return 'paused';
      break;
    case 'resume':
      if (GOES_ON.includes(state)) return null;
      if (state === 'paused') return replay.isSelected ? 'running' : 'selecting';
      break;
    case 'cancel':
      if (state === 'cancelled') return null;
      if (state === 'paused' || GOES_ON.includes(state)) return 'cancelled';
      break;
    default:
      return change satisfies never;
  }
  throw new AppError('invalid-state', `The replay is ${state}.`);
}
