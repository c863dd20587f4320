import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { catalogueEntry, type SampleContext } from '../catalogue.js';
import type { DialectEvent, DialectSecrets } from '../dialect.js';
import { icescrumDialect } from './icescrum-dialect.js';

const context: SampleContext = {
  atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  by: { id: 7, userName: 'ana', fullName: 'Ana Pérez', email: 'ana@x.example' },
  project: { id: 1, key: 'SHOP', name: 'Shop' },
  baseUrl: 'https://ice.example',
};

// Written by hand from the contract (dialects design 4.2): class and id first, to-one relations short, times in seconds with Z, nothing between the tokens.
const ANA = '{"class":"User","id":7,"firstName":"Ana","lastName":"Pérez"}';
const SHOP = '{"class":"Project","id":1,"pkey":"SHOP","name":"Shop"}';
const PUMPS = '{"class":"Feature","id":9,"color":"#0067e8","name":"Pumps","permalink":"https://ice.example/p/SHOP-F3"}';
const PUMP = `{"class":"Story","id":23,"state":5,"effort":3,"uid":12,"name":"Pump","rank":1,"project":${SHOP},"permalink":"https://ice.example/p/SHOP-12"}`;
const SPRINT = '{"class":"Sprint","id":5,"state":2,"capacity":20,"velocity":0,"orderNumber":3,"parentReleaseId":2,"hasNextSprint":true,"parentReleaseName":"R1","deliveredVersion":null,"index":3}';
const RELEASE = '{"class":"Release","id":2,"name":"R1","state":2,"endDate":"2026-03-03T00:00:00Z","startDate":"2025-12-03T00:00:00Z","orderNumber":1}';

const story = `{"class":"Story","id":23,"acceptanceTests_count":2,"acceptedDate":"2025-12-24T00:00:00Z","actors_ids":[{"id":4}],"affectVersion":null,"attachments_count":0,"comments_count":1,"creator":${ANA},"dateCreated":"2025-12-23T00:00:00Z","dependsOn":null,"description":"As a A[4-Operator], I can start the pump","doneDate":null,"effort":3,"estimatedDate":"2025-12-25T00:00:00Z","feature":${PUMPS},"followers_ids":[{"id":7}],"frozenDate":null,"inProgressDate":"2025-12-31T00:00:00Z","inReviewDate":null,"lastUpdated":"2026-01-02T03:04:05Z","name":"Pump","notes":"*Seal* first","notes_html":"<p><strong>Seal</strong> first</p>","origin":null,"parentSprint":${SPRINT},"plannedDate":"2025-12-26T00:00:00Z","rank":1,"state":5,"suggestedDate":"2025-12-23T00:00:00Z","tasks_count":1,"todoDate":"2025-12-23T00:00:00Z","type":0,"uid":12,"value":5,"testState":1,"tags":["hydraulics"],"dependences":[],"countDoneTasks":0,"project":${SHOP},"permalink":"https://ice.example/p/SHOP-12"}`;
const storyGone = `{"class":"Story","id":23,"acceptedDate":"2025-12-24T00:00:00Z","affectVersion":null,"creator":${ANA},"dateCreated":"2025-12-23T00:00:00Z","dependsOn":null,"description":"As a A[4-Operator], I can start the pump","doneDate":null,"effort":3,"estimatedDate":"2025-12-25T00:00:00Z","feature":${PUMPS},"frozenDate":null,"inProgressDate":"2025-12-31T00:00:00Z","inReviewDate":null,"lastUpdated":"2026-01-02T03:04:05Z","name":"Pump","notes":"*Seal* first","notes_html":"<p><strong>Seal</strong> first</p>","origin":null,"parentSprint":${SPRINT},"plannedDate":"2025-12-26T00:00:00Z","rank":1,"state":5,"suggestedDate":"2025-12-23T00:00:00Z","todoDate":"2025-12-23T00:00:00Z","type":0,"uid":12,"value":5,"testState":1,"countDoneTasks":0,"project":${SHOP},"permalink":"https://ice.example/p/SHOP-12"}`;
const feature = `{"class":"Feature","id":9,"attachments_count":0,"backlog":${SHOP},"color":"#0067e8","comments_count":1,"dateCreated":"2025-12-13T00:00:00Z","description":"Everything that moves water","doneDate":null,"lastUpdated":"2026-01-02T03:04:05Z","name":"Pumps","notes":null,"parentFeature":null,"portfolio":null,"rank":2,"stories_ids":[{"id":23}],"todoDate":"2025-12-13T00:00:00Z","type":0,"uid":3,"value":8,"countDoneStories":0,"state":1,"effort":3,"tags":[],"inProgressDate":"2025-12-31T00:00:00Z","project":${SHOP},"permalink":"https://ice.example/p/SHOP-F3"}`;
const featureGone = `{"class":"Feature","id":9,"backlog":${SHOP},"color":"#0067e8","dateCreated":"2025-12-13T00:00:00Z","description":"Everything that moves water","doneDate":null,"lastUpdated":"2026-01-02T03:04:05Z","name":"Pumps","notes":null,"parentFeature":null,"portfolio":null,"rank":2,"todoDate":"2025-12-13T00:00:00Z","type":0,"uid":3,"value":8,"countDoneStories":0,"state":1,"effort":3,"inProgressDate":"2025-12-31T00:00:00Z","project":${SHOP},"permalink":"https://ice.example/p/SHOP-F3"}`;
const task = `{"class":"Task","id":31,"attachments_count":0,"backlog":${SPRINT},"blocked":false,"color":"#ffcc01","comments_count":0,"creator":${ANA},"dateCreated":"2025-12-31T00:00:00Z","description":null,"doneDate":null,"estimation":4.5,"inProgressDate":"2026-01-01T00:00:00Z","initial":6,"lastUpdated":"2026-01-02T03:04:05Z","name":"Replace the seal","notes":null,"parentProject":${SHOP},"parentStory":${PUMP},"rank":1,"responsible":${ANA},"spent":1.5,"state":1,"todoDate":"2025-12-31T00:00:00Z","type":null,"uid":5,"tags":[],"sprint":${SPRINT},"permalink":"https://ice.example/p/SHOP-T5"}`;
const taskGone = `{"class":"Task","id":31,"backlog":${SPRINT},"blocked":false,"color":"#ffcc01","creator":${ANA},"dateCreated":"2025-12-31T00:00:00Z","description":null,"doneDate":null,"estimation":4.5,"inProgressDate":"2026-01-01T00:00:00Z","initial":6,"lastUpdated":"2026-01-02T03:04:05Z","name":"Replace the seal","notes":null,"parentProject":${SHOP},"parentStory":${PUMP},"rank":1,"responsible":${ANA},"spent":1.5,"state":1,"todoDate":"2025-12-31T00:00:00Z","type":null,"uid":5,"sprint":${SPRINT},"permalink":"https://ice.example/p/SHOP-T5"}`;
const release = `{"class":"Release","id":2,"attachments_count":0,"dateCreated":"2025-11-23T00:00:00Z","doneDate":null,"endDate":"2026-03-03T00:00:00Z","features_count":1,"firstSprintIndex":1,"goal":null,"inProgressDate":"2025-12-03T00:00:00Z","lastUpdated":"2026-01-02T03:04:05Z","name":"R1","orderNumber":1,"parentProject":${SHOP},"releaseVelocity":0,"sprints_count":6,"startDate":"2025-12-03T00:00:00Z","state":2,"todoDate":"2025-11-23T00:00:00Z","vision":"Water *everywhere*","duration":90,"closable":false,"activable":false,"reactivable":false,"vision_html":"<p>Water <strong>everywhere</strong></p>"}`;
const releaseGone = `{"class":"Release","id":2,"dateCreated":"2025-11-23T00:00:00Z","doneDate":null,"endDate":"2026-03-03T00:00:00Z","firstSprintIndex":1,"goal":null,"inProgressDate":"2025-12-03T00:00:00Z","lastUpdated":"2026-01-02T03:04:05Z","name":"R1","orderNumber":1,"parentProject":${SHOP},"releaseVelocity":0,"startDate":"2025-12-03T00:00:00Z","state":2,"todoDate":"2025-11-23T00:00:00Z","vision":"Water *everywhere*","duration":90,"closable":false,"activable":false,"reactivable":false,"vision_html":"<p>Water <strong>everywhere</strong></p>"}`;
const sprint = `{"class":"Sprint","id":5,"attachments_count":0,"capacity":20,"dailyWorkTime":8,"dateCreated":"2025-12-03T00:00:00Z","deliveredVersion":null,"doneDate":null,"doneDefinition":"Reviewed","endDate":"2026-01-14T00:00:00Z","goal":"First water","inProgressDate":"2025-12-31T00:00:00Z","initialRemainingTime":6,"lastUpdated":"2026-01-02T03:04:05Z","orderNumber":3,"parentRelease":${RELEASE},"retrospective":null,"startDate":"2025-12-31T00:00:00Z","state":2,"stories_ids":[{"id":23}],"tasks_count":1,"todoDate":"2025-12-03T00:00:00Z","velocity":0,"activable":false,"reactivable":false,"totalRemaining":4.5,"duration":14,"index":3,"plannedVelocity":3,"fullName":"R1 - Sprint 3","doneDefinition_html":"<p>Reviewed</p>"}`;
const sprintGone = `{"class":"Sprint","id":5,"capacity":20,"dailyWorkTime":8,"dateCreated":"2025-12-03T00:00:00Z","deliveredVersion":null,"doneDate":null,"doneDefinition":"Reviewed","endDate":"2026-01-14T00:00:00Z","goal":"First water","inProgressDate":"2025-12-31T00:00:00Z","initialRemainingTime":6,"lastUpdated":"2026-01-02T03:04:05Z","orderNumber":3,"parentRelease":${RELEASE},"retrospective":null,"startDate":"2025-12-31T00:00:00Z","state":2,"todoDate":"2025-12-03T00:00:00Z","velocity":0,"activable":false,"reactivable":false,"totalRemaining":4.5,"duration":14,"index":3,"plannedVelocity":3,"fullName":"R1 - Sprint 3","doneDefinition_html":"<p>Reviewed</p>"}`;
const acceptanceTest = `{"class":"AcceptanceTest","id":17,"creator":${ANA},"dateCreated":"2025-12-30T00:00:00Z","description":"_Given_ a dry pump","description_html":"<p><em>Given</em> a dry pump</p>","lastUpdated":"2026-01-02T03:04:05Z","name":"Dry start","parentStory":${PUMP},"rank":1,"state":10,"uid":8,"parentProject":${SHOP}}`;
const actor = `{"class":"Actor","id":4,"dateCreated":"2025-12-13T00:00:00Z","lastUpdated":"2026-01-02T03:04:05Z","name":"Operator","parentProject":${SHOP},"uid":1}`;
const meeting = `{"class":"Meeting","id":6,"contextId":23,"contextType":"story","dateCreated":"2026-01-02T03:04:05Z","endDate":null,"lastUpdated":"2026-01-02T03:04:05Z","owner":${ANA},"phone":null,"pinCode":null,"portfolio":null,"project":${SHOP},"provider":"jitsi","providerEventId":null,"startDate":"2026-01-02T03:04:05Z","subject":"Pump: the seal","videoLink":"https://meet.example/pump-12"}`;
const availability = `{"class":"Availability","id":51,"days":[8,8,0,4.5],"expectedAvailability":20.5,"sprint":${SPRINT},"user":${ANA}}`;
const availabilityGone = `{"class":"Availability","id":51,"expectedAvailability":20.5,"sprint":${SPRINT},"user":${ANA}}`;
const build = `{"class":"Build","id":61,"builtOn":"Jenkins","date":"2026-01-02T03:04:05Z","jobName":"pump-main","name":"pump-main #108","number":108,"parentProject":${SHOP},"status":1,"stories_ids":[{"id":23}],"url":"https://ci.example/job/pump-main/108/"}`;
const buildGone = `{"class":"Build","id":61,"builtOn":"Jenkins","date":"2026-01-02T03:04:05Z","jobName":"pump-main","name":"pump-main #108","number":108,"parentProject":${SHOP},"status":1,"url":"https://ci.example/job/pump-main/108/"}`;
const commit = `{"class":"Commit","id":71,"author":"Ana Pérez","branch":"main","dateCommitted":"2026-01-02T03:04:05Z","message":"Tighten the seal (#12)","parentProject":${SHOP},"revision":"4f2c1b7e90aa5d3c8e61f07b2d94c3a85e6f1024","story":${PUMP},"url":"https://git.example/pump/commit/4f2c1b7e90aa5d3c8e61f07b2d94c3a85e6f1024"}`;
const mark = `{"class":"Event","id":81,"date":"2026-02-01T00:00:00Z","feature":${PUMPS},"name":"Fair","roadmap":{"class":"Roadmap","id":91,"name":"2026"},"shape":2}`;
const roadmap = `{"class":"Roadmap","id":91,"dateCreated":"2025-12-28T00:00:00Z","endDate":"2026-10-29T00:00:00Z","events_count":1,"lastUpdated":"2026-01-02T03:04:05Z","name":"2026","parentProject":${SHOP},"startDate":"2025-12-28T00:00:00Z"}`;
const roadmapGone = `{"class":"Roadmap","id":91,"dateCreated":"2025-12-28T00:00:00Z","endDate":"2026-10-29T00:00:00Z","lastUpdated":"2026-01-02T03:04:05Z","name":"2026","parentProject":${SHOP},"startDate":"2025-12-28T00:00:00Z"}`;
const template = `{"class":"Template","id":101,"itemClass":"story","name":"Defect report","parentProject":${SHOP},"serializedData":"{\\"type\\":2,\\"notes\\":\\"Steps: \\"}"}`;
const user = '{"class":"User","id":7,"accountExternal":false,"dateCreated":"2025-11-13T00:00:00Z","email":"ana@x.example","enabled":true,"firstName":"Ana","lastLogin":"2026-01-01T00:00:00Z","lastName":"Pérez","lastUpdated":"2026-01-02T03:04:05Z","teams_count":1,"uid":"5ac0d7f1b2e34c86","username":"ana","admin":false}';
const userGone = '{"class":"User","id":7,"accountExternal":false,"dateCreated":"2025-11-13T00:00:00Z","email":"ana@x.example","enabled":true,"firstName":"Ana","lastLogin":"2026-01-01T00:00:00Z","lastName":"Pérez","lastUpdated":"2026-01-02T03:04:05Z","uid":"5ac0d7f1b2e34c86","username":"ana","admin":false}';
const project = `{"class":"Project","id":1,"actors_count":1,"attachments_count":0,"backlogs_count":5,"dateCreated":"2025-11-13T00:00:00Z","description":"Sells *pumps*","endDate":"2026-05-02T00:00:00Z","features_count":1,"lastUpdated":"2026-01-02T03:04:05Z","name":"Shop","pkey":"SHOP","planningPokerGameType":1,"preferences":{"class":"ProjectPreferences","id":1,"archived":false,"hidden":false,"timezone":"UTC"},"releases_count":1,"startDate":"2025-11-13T00:00:00Z","stories_count":1,"owner":${ANA},"productOwners":[${ANA}],"stakeHolders":[],"team":{"class":"Team","id":3,"name":"Pump team"},"description_html":"<p>Sells <strong>pumps</strong></p>"}`;
const projectGone = `{"class":"Project","id":1,"dateCreated":"2025-11-13T00:00:00Z","description":"Sells *pumps*","endDate":"2026-05-02T00:00:00Z","lastUpdated":"2026-01-02T03:04:05Z","name":"Shop","pkey":"SHOP","planningPokerGameType":1,"preferences":{"class":"ProjectPreferences","id":1,"archived":false,"hidden":false,"timezone":"UTC"},"startDate":"2025-11-13T00:00:00Z","owner":${ANA},"team":{"class":"Team","id":3,"name":"Pump team"},"description_html":"<p>Sells <strong>pumps</strong></p>"}`;

const added = (on: string): string => `{"class":"Comment","id":41,"body":"The seal is *worn*.","body_html":"<p>The seal is <strong>worn</strong>.</p>","poster":${ANA},"dateCreated":"2026-01-02T03:04:05Z","lastUpdated":"2026-01-02T03:04:05Z","commentable":${on}}`;
const changed = (on: string): string => `{"class":"Comment","id":41,"body":"The seal is *worn out*.","body_html":"<p>The seal is <strong>worn out</strong>.</p>","poster":${ANA},"dateCreated":"2026-01-01T00:00:00Z","lastUpdated":"2026-01-02T03:04:05Z","commentable":${on}}`;
const onFeature = '{"class":"Feature","id":9}';
const onStory = '{"class":"Story","id":23}';
const onTask = '{"class":"Task","id":31}';

const golden: Readonly<Record<string, string>> = {
  'feature.create': feature, 'feature.update': feature, 'feature.delete': featureGone,
  'feature.addedComment': added(onFeature), 'feature.updatedComment': changed(onFeature), 'feature.removedComment': changed(onFeature),
  'story.create': story, 'story.update': story, 'story.delete': storyGone, 'story.state': story,
  'story.addedComment': added(onStory), 'story.updatedComment': changed(onStory), 'story.removedComment': changed(onStory),
  'task.create': task, 'task.update': task, 'task.delete': taskGone, 'task.state': task,
  'task.addedComment': added(onTask), 'task.updatedComment': changed(onTask), 'task.removedComment': changed(onTask),
  'release.create': release, 'release.update': release, 'release.delete': releaseGone, 'release.state': release,
  'sprint.create': sprint, 'sprint.update': sprint, 'sprint.delete': sprintGone, 'sprint.state': sprint,
  'acceptanceTest.create': acceptanceTest, 'acceptanceTest.update': acceptanceTest, 'acceptanceTest.delete': acceptanceTest, 'acceptanceTest.state': acceptanceTest,
  'actor.create': actor, 'actor.update': actor, 'actor.delete': actor,
  'meeting.create': meeting, 'meeting.update': meeting, 'meeting.delete': meeting,
  'availability.create': availability, 'availability.update': availability, 'availability.delete': availabilityGone,
  'build.create': build, 'build.update': build, 'build.delete': buildGone,
  'commit.create': commit, 'commit.update': commit, 'commit.delete': commit,
  'event.create': mark, 'event.update': mark, 'event.delete': mark,
  'roadmap.create': roadmap, 'roadmap.update': roadmap, 'roadmap.delete': roadmapGone,
  'template.create': template, 'template.update': template, 'template.delete': template,
  'user.create': user, 'user.update': user, 'user.delete': userGone,
  'project.create': project, 'project.update': project, 'project.delete': projectGone,
};

function sent(type: string, eventTypes: readonly string[], secrets: DialectSecrets, dialectOptions = '') {
  const data = Buffer.from(catalogueEntry(icescrumDialect.catalogue, type)!.sample(context));
  const event: DialectEvent = { tenantId: 'acme', eventId: 'evt_1', type, project: 'SHOP', orderingKey: '', occurredAtMs: context.atMs, attributes: {}, contentType: 'application/json', data, traceparent: '00-1-2-01' };
  const result = icescrumDialect.prepare({ hookId: 'hook_1', envelope: 'none', headers: [], eventTypes, dialectOptions }, secrets, 'Hooklane/1').render({ event, attemptNumber: 1, timestampMs: context.atMs });
  if (!result.ok) throw new Error(result.reason);
  return result;
}

const none: DialectSecrets = { signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [] };
const keyed: DialectSecrets = { ...none, signing: [{ value: 's3cr3t', expiresAtMs: 0 }] };

describe('what iceScrum sends for every code', () => {
  it('has a golden text for each entry of the catalogue: 38 of a project, 18 of its apps, 6 of the server', () => {
    expect(icescrumDialect.catalogue.entries.map(({ type }) => type).sort()).toEqual(Object.keys(golden).sort());
    expect(Object.keys(golden)).toHaveLength(38 + 18 + 6);
  });

  it.each(Object.entries(golden))('%s, without a secret', (code, body) => {
    const request = sent(code, [code], none);
    expect(request.body.toString('utf8')).toBe(body);
    expect(request.headers).toEqual(['Content-Type', 'application/json', 'x-icescrum-event', code]);
  });

  it.each(Object.entries(golden))('%s, signed with the secret', (code, body) => {
    const signature = createHmac('sha1', 's3cr3t').update(body, 'utf8').digest('hex');
    expect(sent(code, ['*'], keyed).headers).toEqual(['Content-Type', 'application/json', 'x-icescrum-event', code, 'x-icescrum-signature', signature]);
  });

  it.each(Object.keys(golden))('%s in brackets, as the product sent it for a time, unless a change of state chose it', (code) => {
    const header = code.endsWith('.state') ? code : `[${code}]`;
    expect(sent(code, [code], none, '{"legacyBracketedEvent":true}').headers).toEqual(['Content-Type', 'application/json', 'x-icescrum-event', header]);
  });
});
