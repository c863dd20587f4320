import type { EventAccepted, HookChanged, ProjectState } from '@hooklane/contracts/topics';

/** The conditions in the order they are tried; `enabled` is not one of them: the lane's owner alone decides that, in log order. */
export type MatchCondition = 'tenant' | 'event-type' | 'project' | 'filter';

export type MatchResult =
  | { readonly matched: true }
  /** `detail`: a sentence for a person, for a filter with the path and operator of the first condition that failed. */
  | { readonly matched: false; readonly condition: MatchCondition; readonly detail: string };

/** A hook's conditions, prepared once per version. Throws AppError `invalid-hook` where the filter is not one (registry refuses those before). */
export interface HookMatcher {
  readonly hook: HookChanged;
  match(event: MatchableEvent): MatchResult;
}

/** An event as matching needs it. `parsedData` is asked for only when a filter reads the data, and at most once an event. */
export interface MatchableEvent {
  readonly event: EventAccepted;
  /** Whatever its project may be called: as it was published, and the id and the key where the catalog knows it. */
  projectNames(): readonly string[];
  parsedData(): unknown;
}

/** A project by its id or its key; `Directory.projectNamed` fits. */
export type ProjectNamed = (tenantId: string, name: string) => Pick<ProjectState, 'projectId' | 'key'> | undefined;
