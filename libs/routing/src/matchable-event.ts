import type { EventAccepted } from '@hooklane/contracts/topics';
import type { MatchableEvent, ProjectNamed } from './matcher.js';

/**
 * An event whose data is parsed when the first filter asks for it; undefined where it is not JSON.
 * @param projectNamed what the catalog knows of projects: events and hooks name them by id or by key, and mean the same
 */
export function matchableEvent(event: EventAccepted, projectNamed: ProjectNamed): MatchableEvent {
  let parsed: { readonly data: unknown } | null = null;
  return {
    event,
    projectNames() {
      const project = event.project === '' ? undefined : projectNamed(event.tenantId, event.project);
      return project ? [event.project, project.projectId, project.key] : [event.project];
    },
    parsedData() {
      parsed ??= { data: parseData(event.data) };
      return parsed.data;
    },
  };
}

function parseData(data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data));
  } catch {
    // Another content type: a filter on the data finds nothing there.
    return undefined;
  }
}
