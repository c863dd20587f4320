import type { SampleContext } from '../../catalogue.js';
import { day, firstName, lastName, now, shortProject, shortUser, type Item } from './sample-parts.js';

export function actor(context: SampleContext): Item {
  return { class: 'Actor', id: 4, dateCreated: day(context, -20), lastUpdated: now(context), name: 'Operator', parentProject: shortProject(context), uid: 1 };
}

export function meeting(context: SampleContext): Item {
  return {
    class: 'Meeting',
    id: 6,
    contextId: 23,
    contextType: 'story',
    dateCreated: now(context),
    endDate: null,
    lastUpdated: now(context),
    owner: shortUser(context),
    phone: null,
    pinCode: null,
    portfolio: null,
    project: shortProject(context),
    provider: 'jitsi',
    providerEventId: null,
    startDate: now(context),
    subject: 'Pump: the seal',
    videoLink: 'https://meet.example/pump-12',
  };
}

export function user(context: SampleContext): Item {
  return {
    class: 'User',
    id: context.by.id,
    accountExternal: false,
    dateCreated: day(context, -50),
    email: context.by.email,
    enabled: true,
    firstName: firstName(context),
    lastLogin: day(context, -1),
    lastName: lastName(context),
    lastUpdated: now(context),
    teams_count: 1,
    uid: '5ac0d7f1b2e34c86',
    username: context.by.userName,
    admin: false,
  };
}

export function project(context: SampleContext): Item {
  return {
    class: 'Project',
    id: context.project.id,
    actors_count: 1,
    attachments_count: 0,
    backlogs_count: 5,
    dateCreated: day(context, -50),
    description: 'Sells *pumps*',
    endDate: day(context, 120),
    features_count: 1,
    lastUpdated: now(context),
    name: context.project.name,
    pkey: context.project.key,
    planningPokerGameType: 1,
    preferences: { class: 'ProjectPreferences', id: 1, archived: false, hidden: false, timezone: 'UTC' },
    releases_count: 1,
    startDate: day(context, -50),
    stories_count: 1,
    owner: shortUser(context),
    productOwners: [shortUser(context)],
    stakeHolders: [],
    team: { class: 'Team', id: 3, name: 'Pump team' },
    description_html: '<p>Sells <strong>pumps</strong></p>',
  };
}
