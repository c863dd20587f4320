import type { ReplayView } from '@hooklane/contracts/rest';
import type { FateCounts, Replay } from '../replay/replay.js';
import { momentOf, momentOrNull, textOrNull } from './moments.js';

export function replayView(replay: Replay, fates: FateCounts): ReplayView {
  const { created, changed, selection, counts, kind } = replay;
  const isOwn = kind === 'replay';
  return {
    id: replay.replayId,
    kind,
    state: replay.state,
    sentence: sentenceOf(replay),
    createdAt: momentOf(created.atMs),
    createdBy: created.by,
    reason: textOrNull(created.reason),
    changedAt: momentOf(changed.atMs),
    changedBy: changed.by,
    changeReason: textOrNull(changed.reason),
    selection: {
      hookIds: selection.hookIds && [...selection.hookIds],
      // A catch-up is of all that was skipped; it has no times of its own.
      from: isOwn ? momentOf(selection.fromMs) : null,
      to: isOwn ? momentOf(selection.toMs) : null,
      types: selection.types && [...selection.types],
      projects: selection.projects && [...selection.projects],
      fates: [...selection.fates],
      onlyLatest: selection.onlyLatest,
    },
    ratePerSecond: replay.ratePerSecond,
    expiredBefore: momentOrNull(replay.expiredBeforeMs),
    ...counts,
    remaining: remainingOf(replay),
    fates: { ...fates },
  };
}

function remainingOf({ counts: { selected, produced, expired, alreadyPending } }: Replay): number {
  return Math.max(0, selected - produced - expired - alreadyPending);
}

function sentenceOf(replay: Replay): string {
  const { state, counts, waitsFor, changed, isClosed } = replay;
  const by = `by ${changed.by}${changed.reason === '' ? '' : `: ${changed.reason}`}`;
  const left = remainingOf(replay);
  switch (state) {
    case 'selecting': return waitsFor === '' ? `It is looking for deliveries; ${counts.selected} so far.` : waitsFor;
    case 'running': return waitsFor === '' ? `It makes deliveries: ${counts.produced} of ${counts.selected}.` : waitsFor;
    case 'paused': return `It was paused ${by}${by.endsWith('.') ? '' : '.'} ${left} are to go.`;
    case 'done': return counts.expired > 0 ? `Everything is made but ${counts.expired}, which retention removed before their turn came.` : 'Everything is made.';
    case 'cancelled': return `It was cancelled ${by}${by.endsWith('.') ? '' : '.'} ${left} ${isClosed ? 'were given up' : 'are being given up'}.`;
    case 'failed': return `It failed: ${changed.reason}`;
    default: return state satisfies never;
  }
}
