import type { MissedView } from '@hooklane/contracts/rest';
import { HookChanged, type EventAccepted } from '@hooklane/contracts/topics';
import { matchableEvent, prepareHook, type MatchableEvent, type MatchResult, type ProjectNamed } from '@hooklane/routing';

export interface HookAt {
  readonly atMs: number;
  readonly hook: HookChanged;
}

type Explanation = Pick<MissedView, 'verdict' | 'condition' | 'sentence' | 'hookVersion'>;

/** Fan-out matches a moment before its request is in the log; a change of the hook in between is looked behind. */
const MATCHING_MS = 2_000;

/**
 * Why an event did not become a delivery of a hook: runs the matcher again with the hook as of fan-out.
 * @param versions of the hook up to `matchedAtMs`, newest first
 * @param matchedAtMs when fan-out wrote what it found for the event
 * @param projectNamed of the catalog as it is now: what a project is called seldom changes
 */
export function explainMissed(event: EventAccepted, versions: readonly HookAt[], matchedAtMs: number, projectNamed: ProjectNamed): Explanation {
  const matchable = matchableEvent(event, projectNamed);
  const [newest] = versions;
  if (!newest) return { verdict: 'hook-not-there', condition: null, sentence: 'The hook did not exist yet when the event was matched.', hookVersion: null };
  let first: Explanation | null = null;
  for (const { atMs, hook } of versions) {
    const explanation = explainWith(matchable, hook);
    if (explanation.verdict !== 'unexplained') return explanation;
    first ??= explanation;
    if (atMs < matchedAtMs - MATCHING_MS) break;
  }
  return first ?? explainWith(matchable, newest.hook);
}

function explainWith(event: MatchableEvent, hook: HookChanged): Explanation {
  const hookVersion = hook.version;
  if (hook.deleted) return { verdict: 'hook-deleted', condition: null, sentence: 'The hook had been deleted when the event was matched.', hookVersion };
  const result = matched(event, hook);
  if (!result.matched) return { verdict: 'not-matched', condition: result.condition, sentence: result.detail, hookVersion };
  return { verdict: 'unexplained', condition: null, sentence: 'The hook as it was then matches the event, but no delivery was requested for it.', hookVersion };
}

function matched(event: MatchableEvent, hook: HookChanged): MatchResult {
  try {
    return prepareHook(hook).match(event);
  } catch (error) {
    return { matched: false, condition: 'filter', detail: `The hook's conditions could not be used: ${error instanceof Error ? error.message : String(error)}` };
  }
}
