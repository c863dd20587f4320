import type { CatalogueEntry, EventCatalogue } from '../catalogue.js';
import { appGroups, projectGroups, serverGroups, STORY_EVENTS, withStates, type CodeGroup } from './icescrum-codes.js';
import { samples } from './samples/samples.js';

const SAID: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  state: 'changed its state',
  addedComment: 'got a comment',
  updatedComment: 'had a comment changed',
  removedComment: 'lost a comment',
};

const entries: readonly CatalogueEntry[] = [...projectGroups, ...appGroups, ...serverGroups].flatMap(entriesOf);

/** I10: the codes of a project, of its apps and of the server. */
export const icescrumCatalogue: EventCatalogue = {
  entries,
  presets: { 'story-events': STORY_EVENTS },
  unknownTypes: 'drop',
  // The product has no test button; this is what the general one sends.
  testEntry: entries.find(({ type }) => type === 'story.update') ?? null,
  matched: withStates,
};

function entriesOf({ item, actions }: CodeGroup): readonly CatalogueEntry[] {
  return actions.map((action) => ({
    type: `${item}.${action}`,
    aliases: [],
    title: `${titleOf(item)} ${SAID[action]}`,
    group: item,
    sample: (context) => JSON.stringify(samples[item]!(context, action)),
  }));
}

/** `acceptanceTest`: Acceptance test. */
function titleOf(item: string): string {
  const words = item.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
