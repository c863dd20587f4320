import type { SampleContext } from '../../catalogue.js';

export type Item = Readonly<Record<string, unknown>>;

const DAY_MS = 86_400_000;

/** iceScrum writes times in whole seconds. */
export function now({ atMs }: SampleContext): string {
  return `${new Date(atMs).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
}

/** Midnight of a day before or after. */
export function day({ atMs }: SampleContext, offset: number): string {
  return `${new Date(atMs + offset * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length)}T00:00:00Z`;
}

export function firstName({ by }: SampleContext): string {
  return by.fullName.split(' ')[0]!;
}

export function lastName({ by }: SampleContext): string {
  return by.fullName.split(' ').slice(1).join(' ');
}

/** To-one relations are short objects. */
export function shortUser(context: SampleContext): Item {
  return { class: 'User', id: context.by.id, firstName: firstName(context), lastName: lastName(context) };
}

export function shortProject({ project }: SampleContext): Item {
  return { class: 'Project', id: project.id, pkey: project.key, name: project.name };
}

/** @param path `-12` for story 12, `-F3` for feature 3, `-T5` for task 5 */
export function permalink({ baseUrl, project }: SampleContext, path: string): string {
  return `${baseUrl}/p/${project.key}${path}`;
}

export function shortFeature(context: SampleContext): Item {
  return { class: 'Feature', id: 9, color: '#0067e8', name: 'Pumps', permalink: permalink(context, '-F3') };
}

export function shortStory(context: SampleContext): Item {
  return { class: 'Story', id: 23, state: 5, effort: 3, uid: 12, name: 'Pump', rank: 1, project: shortProject(context), permalink: permalink(context, '-12') };
}

export function shortRelease(context: SampleContext): Item {
  return { class: 'Release', id: 2, name: 'R1', state: 2, endDate: day(context, 60), startDate: day(context, -30), orderNumber: 1 };
}

export function shortSprint(): Item {
  return { class: 'Sprint', id: 5, state: 2, capacity: 20, velocity: 0, orderNumber: 3, parentReleaseId: 2, hasNextSprint: true, parentReleaseName: 'R1', deliveredVersion: null, index: 3 };
}
