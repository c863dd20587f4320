/** What happens to a kind of item, each with the name that follows the dot of its code. */
type Action = 'create' | 'update' | 'delete' | 'state' | 'addedComment' | 'updatedComment' | 'removedComment';

const LIFE = ['create', 'update', 'delete'] as const;
const COMMENTS = ['addedComment', 'updatedComment', 'removedComment'] as const;

export interface CodeGroup {
  /** Class of the item, and the first half of its codes: `acceptanceTest`. */
  readonly item: string;
  readonly actions: readonly Action[];
}

/** The 38 codes of a project (I10). */
export const projectGroups: readonly CodeGroup[] = [
  { item: 'feature', actions: [...LIFE, ...COMMENTS] },
  { item: 'story', actions: [...LIFE, 'state', ...COMMENTS] },
  { item: 'task', actions: [...LIFE, 'state', ...COMMENTS] },
  { item: 'release', actions: [...LIFE, 'state'] },
  { item: 'sprint', actions: [...LIFE, 'state'] },
  { item: 'acceptanceTest', actions: [...LIFE, 'state'] },
  { item: 'actor', actions: LIFE },
  { item: 'meeting', actions: LIFE },
];

/** What iceScrum's apps add to a project, as its OpenAPI lists it. */
export const appGroups: readonly CodeGroup[] = ['availability', 'build', 'commit', 'event', 'roadmap', 'template'].map((item) => ({ item, actions: LIFE }));

/** What happens on the server, outside of any project. */
export const serverGroups: readonly CodeGroup[] = ['user', 'project'].map((item) => ({ item, actions: LIFE }));

const codesOf = (groups: readonly CodeGroup[]): readonly string[] => groups.flatMap(({ item, actions }) => actions.map((action) => `${item}.${action}`));

export interface IcescrumCodes {
  /** Of a project's own items and of its apps': what a project's hook may ask for. */
  readonly project: readonly string[];
  /** What a hook of the server may ask for. */
  readonly server: readonly string[];
}

export const icescrumCodes: IcescrumCodes = { project: [...codesOf(projectGroups), ...codesOf(appGroups)], server: codesOf(serverGroups) };

/** "Story events" of the form (I10). */
export const STORY_EVENTS: readonly string[] = ['story.create', 'story.update', 'story.delete', 'story.state'];

const STATEFUL = new Set([...projectGroups, ...appGroups].filter(({ actions }) => actions.includes('state')).map(({ item }) => item));

/** A change of state is an update too: whoever asked for X.update gets what is published as X.state. @returns the types with those that come along */
export function withStates(eventTypes: readonly string[]): readonly string[] {
  const states = eventTypes.flatMap((type) => {
    const [item = '', action] = type.split('.');
    return action === 'update' && STATEFUL.has(item) ? [`${item}.state`] : [];
  });
  return [...new Set([...eventTypes, ...states])];
}

/**
 * What a hook is told an event is: the code that it asked for. One that asked for both X.state and X.update gets one request, with X.state.
 * @param eventTypes of the hook, patterns among them
 */
export function codeFor(type: string, eventTypes: readonly string[]): string {
  if (!isStateChange(type) || eventTypes.some((pattern) => covers(pattern, type))) return type;
  const update = `${type.slice(0, -'.state'.length)}.update`;
  return eventTypes.some((pattern) => covers(pattern, update)) ? update : type;
}

/** The product makes two events of it, update and state. */
export function isStateChange(type: string): boolean {
  return type.endsWith('.state');
}

export function isComment(type: string): boolean {
  return COMMENTS.some((action) => type.endsWith(`.${action}`));
}

function covers(pattern: string, type: string): boolean {
  return pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));
}
