import { createHash } from 'node:crypto';
import type { SampleContext } from '../../catalogue.js';
import { Float, type SampleValue } from './sample-json.js';

/** The kinds of things of which Taiga tells; its names, which stand in the envelope. */
export type TaigaObject = 'milestone' | 'userstory' | 'task' | 'issue' | 'wikipage' | 'epic' | 'relateduserstory';

type Members = { readonly [name: string]: SampleValue };

const DAY_MS = 86_400_000;

/** Who did it. Samples have no photo; a receiver then asks Gravatar for the hash of the e-mail address. */
export function userOf({ by, baseUrl }: SampleContext): Members {
  return { id: by.id, permalink: `${baseUrl}/profile/${encodeURIComponent(by.userName)}`, username: by.userName, full_name: by.fullName, photo: null, gravatar_id: gravatarIdOf(by.email) };
}

/** Under which Gravatar has somebody's picture. */
export function gravatarIdOf(email: string): string {
  return createHash('md5').update(email.trim().toLowerCase()).digest('hex');
}

/** The whole object as Taiga would send it after the action: after `change` it has the values that the sample change says, and `delete` shows it as it last was. */
export function objectOf(type: TaigaObject, context: SampleContext, action: 'create' | 'change' | 'delete'): Members {
  const now = moment(context.atMs);
  const times = { created_date: action === 'create' ? now : moment(context.atMs - 2 * DAY_MS), modified_date: now };
  switch (type) {
    case 'milestone':
      return milestone(context, times, action !== 'create');
    case 'userstory':
      return userStory(context, times, action !== 'create');
    case 'task':
      return task(context, times, action !== 'create');
    case 'issue':
      return issue(context, times, action !== 'create');
    case 'wikipage':
      return wikiPage(context, times, action !== 'create');
    case 'epic':
      return epic(context, times, action !== 'create');
    case 'relateduserstory':
      return { id: 31, user_story: userStory(context, times, true), epic: epic(context, times, true), order: action === 'create' ? 1 : 2 };
  }
}

interface Times {
  readonly [name: string]: string;
  readonly created_date: string;
  readonly modified_date: string;
}

function milestone(context: SampleContext, times: Times, isChanged: boolean): Members {
  const estimated_start = day(context.atMs);
  const estimated_finish = day(context.atMs + 14 * DAY_MS);
  const whose = { permalink: link(context, 'taskboard/sprint-12'), project: project(context), owner: userOf(context) };
  return { id: 12, name: isChanged ? 'Sprint 12: pump room' : 'Sprint 12', slug: 'sprint-12', estimated_start, estimated_finish, ...times, closed: false, disponibility: new Float(0), ...whose };
}

function userStory(context: SampleContext, times: Times, isReady: boolean): Members {
  return {
    custom_attributes_values: { 'Cost centre': 'M-17', Budget: new Float(1250.5) },
    id: 41,
    ref: 7,
    project: project(context),
    is_closed: false,
    ...times,
    finish_date: null,
    due_date: day(context.atMs + 10 * DAY_MS),
    due_date_reason: 'Before the inspection',
    subject: 'As a caretaker I see the pressure of every pump',
    client_requirement: false,
    team_requirement: false,
    generated_from_issue: null,
    generated_from_task: null,
    from_task_ref: null,
    external_reference: null,
    tribe_gig: null,
    watchers: [context.by.id],
    is_blocked: false,
    blocked_note: '',
    description: 'Pressure in **bar**, at most a minute old – for each of the 12 pumps.',
    tags: ['pumps', 'größe'],
    permalink: link(context, 'us/7'),
    owner: userOf(context),
    assigned_to: isReady ? userOf(context) : null,
    assigned_users: isReady ? [context.by.id] : [],
    points: [
      { role: 'UX', name: '1/2', value: new Float(0.5) },
      { role: 'Back', name: isReady ? '8' : '?', value: isReady ? new Float(8) : null },
    ],
    status: isReady ? { id: 2, name: 'Ready', slug: 'ready', color: '#ff8a84', is_closed: false, is_archived: false } : { id: 1, name: 'New', slug: 'new', color: '#70728f', is_closed: false, is_archived: false },
    milestone: null,
  };
}

function task(context: SampleContext, times: Times, isTaken: boolean): Members {
  return {
    custom_attributes_values: {},
    id: 52,
    ref: 8,
    ...times,
    finished_date: null,
    due_date: null,
    due_date_reason: '',
    subject: 'Read the sensor over Modbus',
    us_order: 1,
    taskboard_order: 1,
    is_iocaine: false,
    external_reference: null,
    watchers: [],
    is_blocked: isTaken,
    blocked_note: isTaken ? 'Waiting for the cable' : '',
    description: '',
    tags: [],
    permalink: link(context, 'task/8'),
    project: project(context),
    owner: userOf(context),
    assigned_to: isTaken ? userOf(context) : null,
    status: isTaken ? { id: 7, name: 'In progress', slug: 'in-progress', color: '#e4ce40', is_closed: false } : { id: 6, name: 'New', slug: 'new', color: '#70728f', is_closed: false },
    user_story: userStory(context, times, true),
    milestone: milestone(context, times, true),
    promoted_to: [],
  };
}

function issue(context: SampleContext, times: Times, isClosed: boolean): Members {
  return {
    custom_attributes_values: { 'Seen by': 'Night shift' },
    id: 63,
    ref: 9,
    ...times,
    finished_date: isClosed ? times.modified_date : null,
    due_date: null,
    due_date_reason: '',
    subject: 'Pump 3 leaks',
    external_reference: ['github', 'https://git.example/pumps/issues/3'],
    watchers: [context.by.id],
    description: 'Water below the gasket.',
    tags: ['leak'],
    permalink: link(context, 'issue/9'),
    project: project(context),
    milestone: null,
    owner: userOf(context),
    assigned_to: null,
    status: isClosed ? { id: 14, name: 'Closed', slug: 'closed', color: '#a8e440', is_closed: true } : { id: 11, name: 'New', slug: 'new', color: '#70728f', is_closed: false },
    type: { id: 1, name: 'Bug', color: '#e44057' },
    priority: { id: 2, name: 'Normal', color: '#a9aabc' },
    severity: { id: 4, name: 'Important', color: '#e4a240' },
    promoted_to: [],
  };
}

function wikiPage(context: SampleContext, times: Times, isLonger: boolean): Members {
  const content = isLonger ? '# Pump room\n\nKeys are at the gate. Ask for Ana.' : '# Pump room\n\nKeys are at the gate.';
  const whose = { permalink: link(context, 'wiki/pump-room'), project: project(context), owner: userOf(context), last_modifier: userOf(context) };
  return { id: 74, slug: 'pump-room', content, ...times, ...whose };
}

function epic(context: SampleContext, times: Times, isStarted: boolean): Members {
  return {
    custom_attributes_values: null,
    id: 85,
    ref: 10,
    ...times,
    subject: 'All pumps at a glance',
    watchers: [],
    description: '',
    tags: [],
    permalink: link(context, 'epic/10'),
    project: project(context),
    owner: userOf(context),
    assigned_to: null,
    status: isStarted ? { id: 19, name: 'In progress', slug: 'in-progress', color: '#e4ce40', is_closed: false } : { id: 17, name: 'New', slug: 'new', color: '#70728f', is_closed: false },
    epics_order: 1,
    color: '#40a8e4',
    client_requirement: false,
    team_requirement: true,
  };
}

function project(context: SampleContext): Members {
  return { id: context.project.id, permalink: projectLink(context), name: context.project.name, logo_big_url: null };
}

const link = (context: SampleContext, path: string): string => `${projectLink(context)}/${path}`;
const projectLink = ({ baseUrl, project: { key } }: SampleContext): string => `${baseUrl}/project/${encodeURIComponent(key)}`;
const moment = (atMs: number): string => new Date(atMs).toISOString();
const day = (atMs: number): string => moment(atMs).slice(0, 10);
