import type { SampleContext } from '../../catalogue.js';
import { availability, build, commit, roadmap, roadmapEvent, template } from './app-items.js';
import { acceptanceTest, feature, story, task } from './backlog-items.js';
import { comment } from './comment.js';
import { actor, meeting, project, user } from './project-items.js';
import { release, sprint } from './time-boxes.js';
import type { Item } from './sample-parts.js';

const items: Readonly<Record<string, (context: SampleContext) => Item>> = {
  feature,
  story,
  task,
  release,
  sprint,
  acceptanceTest,
  actor,
  meeting,
  availability,
  build,
  commit,
  event: roadmapEvent,
  roadmap,
  template,
  user,
  project,
};

/** Data of an event by the first half of its code; `action` is the second. */
export const samples: Readonly<Record<string, (context: SampleContext, action: string) => Item>> = Object.fromEntries(
  Object.entries(items).map(([name, item]) => [
    name,
    (context: SampleContext, action: string) => {
      if (action.endsWith('Comment')) return comment(context, item(context), action);
      return action === 'delete' ? lastKnown(item(context)) : item(context);
    },
  ]),
);

/** What is left of a deleted item: its own properties, without the collections. */
function lastKnown(item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([name, value]) => !Array.isArray(value) && !name.endsWith('_count')));
}
