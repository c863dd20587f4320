import type { SampleContext } from '../../catalogue.js';
import { day, now, shortFeature, shortProject, shortSprint, shortStory, shortUser, type Item } from './sample-parts.js';

export function availability(context: SampleContext): Item {
  return { class: 'Availability', id: 51, days: [8, 8, 0, 4.5], expectedAvailability: 20.5, sprint: shortSprint(), user: shortUser(context) };
}

export function build(context: SampleContext): Item {
  return {
    class: 'Build',
    id: 61,
    builtOn: 'Jenkins',
    date: now(context),
    jobName: 'pump-main',
    name: 'pump-main #108',
    number: 108,
    parentProject: shortProject(context),
    status: 1,
    stories_ids: [{ id: 23 }],
    url: 'https://ci.example/job/pump-main/108/',
  };
}

export function commit(context: SampleContext): Item {
  return {
    class: 'Commit',
    id: 71,
    author: context.by.fullName,
    branch: 'main',
    dateCommitted: now(context),
    message: 'Tighten the seal (#12)',
    parentProject: shortProject(context),
    revision: '4f2c1b7e90aa5d3c8e61f07b2d94c3a85e6f1024',
    story: shortStory(context),
    url: 'https://git.example/pump/commit/4f2c1b7e90aa5d3c8e61f07b2d94c3a85e6f1024',
  };
}

/** A mark on a roadmap: what the code's `event` stands for. */
export function roadmapEvent(context: SampleContext): Item {
  return { class: 'Event', id: 81, date: day(context, 30), feature: shortFeature(context), name: 'Fair', roadmap: { class: 'Roadmap', id: 91, name: '2026' }, shape: 2 };
}

export function roadmap(context: SampleContext): Item {
  return {
    class: 'Roadmap',
    id: 91,
    dateCreated: day(context, -5),
    endDate: day(context, 300),
    events_count: 1,
    lastUpdated: now(context),
    name: '2026',
    parentProject: shortProject(context),
    startDate: day(context, -5),
  };
}

export function template(context: SampleContext): Item {
  return { class: 'Template', id: 101, itemClass: 'story', name: 'Defect report', parentProject: shortProject(context), serializedData: '{"type":2,"notes":"Steps: "}' };
}
