import type { EventAccepted } from '@hooklane/contracts/topics';
import { matchableEvent, type ProjectNamed, type TenantMatcher } from '@hooklane/routing';
import type { DeliveryPlanner, PlannedRequest } from './delivery-plan.js';
import type { IncarnationMarks } from './incarnation-marks.js';

/** An event at its place in the log. */
export interface PlacedEvent {
  readonly offset: number;
  readonly event: EventAccepted;
}

export type FanoutDecision =
  | { readonly kind: 'requests'; readonly offset: number; readonly event: EventAccepted; readonly requests: readonly PlannedRequest[] }
  | { readonly kind: 'matched-nothing'; readonly offset: number; readonly event: EventAccepted };

export interface FanoutSettings {
  readonly matcherOf: (tenantId: string) => TenantMatcher;
  readonly projectNamed: ProjectNamed;
  readonly planner: DeliveryPlanner;
  readonly incarnationsRemembered: number;
}

export interface FanoutDecisions {
  /** One for each event that is no repeat, in order. */
  readonly decisions: readonly FanoutDecision[];
  readonly repeats: number;
  /** In force once what was decided is in the log; until then the batch may come again and must be decided the same way. */
  readonly marks: IncarnationMarks;
}

/** From event to requests (semantics.md, "From event to request", 2). Whether a hook is enabled does not count here: that is decided in log order, by the lane's owner. */
export function decideFanout(events: readonly PlacedEvent[], marks: IncarnationMarks, settings: FanoutSettings): FanoutDecisions {
  const seen = new Map<string, number>();
  const decisions: FanoutDecision[] = [];
  for (const { offset, event } of events) {
    if (isRepeat(event, seen, marks)) continue;
    // Deleted first, so that the map is in the order of what was seen last.
    seen.delete(event.incarnation);
    seen.set(event.incarnation, event.sequence);
    decisions.push(decideEvent(offset, event, settings));
  }
  return { decisions, repeats: events.length - decisions.length, marks: marks.advanced(seen, settings.incarnationsRemembered) };
}

function isRepeat({ incarnation, sequence }: EventAccepted, seen: ReadonlyMap<string, number>, marks: IncarnationMarks): boolean {
  const highest = seen.get(incarnation);
  return highest === undefined ? marks.isRepeat(incarnation, sequence) : sequence <= highest;
}

function decideEvent(offset: number, event: EventAccepted, { matcherOf, projectNamed, planner }: FanoutSettings): FanoutDecision {
  const matched = matcherOf(event.tenantId).match(matchableEvent(event, projectNamed));
  return matched.length === 0 ? { kind: 'matched-nothing', offset, event } : { kind: 'requests', offset, event, requests: planner.planOf(matched) };
}
