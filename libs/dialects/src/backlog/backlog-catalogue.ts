import type { CatalogueEntry, EventCatalogue, SampleContext } from '../catalogue.js';
import { activityNumberOf, activityTypes, eventTypeOfActivity, type ActivityType } from './activity-types.js';
import { issueSamples } from './samples/issue-samples.js';
import { pageSamples } from './samples/page-samples.js';
import { projectSamples } from './samples/project-samples.js';
import { repositorySamples } from './samples/repository-samples.js';

const contents: Readonly<Record<number, object>> = { ...issueSamples, ...pageSamples, ...projectSamples, ...repositorySamples };

const entries: readonly CatalogueEntry[] = activityTypes.map(entryOf);

/** Backlog's recent updates under a name and under their number, which mean the same (B7, B8), each with the test delivery that Backlog sends of it (B11). */
export const backlogCatalogue: EventCatalogue = {
  entries,
  presets: {},
  // Backlog adds numbers, and their receivers are told of them at once.
  unknownTypes: 'accept',
  // One chooses a type; where nobody did, the hook's first one says most.
  testEntry: null,
  matched: (eventTypes) => [...new Set(eventTypes.flatMap(matchedBy))],
};

function entryOf({ number, type, title, group }: ActivityType): CatalogueEntry {
  return { type, aliases: [String(number)], title, group, sample: (context) => JSON.stringify(activity(contents[number]!, context)) };
}

/** The project and the numbers are the sample's own, as in Backlog; the person is the one who presses the button. */
function activity(content: object, { by }: SampleContext): object {
  return {
    id: 10,
    project: { archived: false, projectKey: 'TEST', name: 'TestProject', chartEnabled: false, id: 100, subtaskingEnabled: false },
    content,
    notifications: [],
    createdUser: { nulabAccount: null, name: by.fullName, mailAddress: null, id: by.id, roleType: 1, lang: null, userId: null },
  };
}

function matchedBy(eventType: string): readonly string[] {
  // Everything: the numbers too.
  if (eventType === '*') return [eventType];
  if (eventType.endsWith('.*')) return [eventType, ...activityTypes.filter(({ type }) => type.startsWith(eventType.slice(0, -1))).map(({ number }) => String(number))];
  const number = activityNumberOf(eventType);
  return number === null ? [eventType] : [eventType, eventTypeOfActivity(number), String(number)];
}
