import type { CatalogueEntry, EventCatalogue, SampleContext } from '../catalogue.js';
import { changeOf } from './samples/taiga-changes.js';
import { objectOf, userOf, type TaigaObject } from './samples/taiga-objects.js';
import { sampleJson } from './samples/sample-json.js';

/** What Taiga tells of, with the word that its users know (T4 to T8; epics and their stories are in its code, not in its manual). */
const OBJECTS: readonly { readonly type: TaigaObject; readonly title: string }[] = [
  { type: 'milestone', title: 'Sprint' },
  { type: 'userstory', title: 'User story' },
  { type: 'task', title: 'Task' },
  { type: 'issue', title: 'Issue' },
  { type: 'wikipage', title: 'Wiki page' },
  { type: 'epic', title: 'Epic' },
  { type: 'relateduserstory', title: 'User story of an epic' },
];

const ACTIONS = [
  { action: 'create', done: 'created' },
  { action: 'change', done: 'updated' },
  { action: 'delete', done: 'deleted' },
] as const;

const entries: readonly CatalogueEntry[] = OBJECTS.flatMap(({ type, title }) =>
  ACTIONS.map(({ action, done }) => ({
    type: `${type}.${action}`,
    aliases: [],
    title: `${title} ${done}`,
    group: type,
    sample: (context: SampleContext) => sampleJson({ by: userOf(context), data: objectOf(type, context, action), ...(action === 'change' ? { change: changeOf(type, context) } : {}) }),
  })),
);

/** What the Test button sends (T16): by is the user who pressed it. */
const testEntry: CatalogueEntry = {
  type: 'test.test',
  aliases: [],
  title: 'Test',
  group: 'test',
  sample: (context) => sampleJson({ by: userOf(context), data: { test: 'test' } }),
};

/** Taiga itself has no choice of events, every hook of a project gets all of them; here a hook may choose. */
export const taigaCatalogue: EventCatalogue = { entries, presets: {}, unknownTypes: 'refuse', testEntry, matched: (eventTypes) => eventTypes };

/** Every event type that can be said in Taiga's dialect. */
export const TAIGA_TYPES: ReadonlySet<string> = new Set([...entries.map(({ type }) => type), testEntry.type]);
