import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { catalogueEntry, type SampleContext } from '../catalogue.js';
import { taigaCatalogue } from './taiga-catalogue.js';
import { taigaDialect } from './taiga-dialect.js';

const context: SampleContext = {
  atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  by: { id: 7, userName: 'ana', fullName: 'Ana Pérez', email: ' Ana@Example.com' },
  project: { id: 3, key: 'shop', name: 'Shop' },
  baseUrl: 'https://t.example',
};

type Sample = Readonly<Record<'by' | 'data' | 'change', Record<string, unknown>>>;
const sampleOf = (type: string): Sample => JSON.parse(catalogueEntry(taigaCatalogue, type)!.sample(context)) as Sample;

/** Names of every member that Taiga's objects have, in no order (dialects design 1.2). */
const MEMBERS: Readonly<Record<string, string>> = {
  milestone: 'id name slug estimated_start estimated_finish created_date modified_date closed disponibility permalink project owner',
  userstory:
    'custom_attributes_values id ref project is_closed created_date modified_date finish_date due_date due_date_reason subject client_requirement team_requirement generated_from_issue generated_from_task from_task_ref external_reference tribe_gig watchers is_blocked blocked_note description tags permalink owner assigned_to assigned_users points status milestone',
  task: 'custom_attributes_values id ref created_date modified_date finished_date due_date due_date_reason subject us_order taskboard_order is_iocaine external_reference watchers is_blocked blocked_note description tags permalink project owner assigned_to status user_story milestone promoted_to',
  issue: 'custom_attributes_values id ref created_date modified_date finished_date due_date due_date_reason subject external_reference watchers description tags permalink project milestone owner assigned_to status type priority severity promoted_to',
  wikipage: 'id slug content created_date modified_date permalink project owner last_modifier',
  epic: 'custom_attributes_values id ref created_date modified_date subject watchers description tags permalink project owner assigned_to status epics_order color client_requirement team_requirement',
  relateduserstory: 'id user_story epic order',
};

describe("Taiga's catalogue", () => {
  it.each([
    ['milestone', 'Sprint'],
    ['userstory', 'User story'],
    ['task', 'Task'],
    ['issue', 'Issue'],
    ['wikipage', 'Wiki page'],
  ])('has the three events of the manual for %s', (type, title) => {
    const titles = taigaCatalogue.entries.filter((entry) => entry.group === type).map((entry) => [entry.type, entry.title]);
    expect(titles).toEqual([
      [`${type}.create`, `${title} created`],
      [`${type}.change`, `${title} updated`],
      [`${type}.delete`, `${title} deleted`],
    ]);
  });

  it('has what its code adds: epics, their stories, and the test', () => {
    expect(taigaCatalogue.entries.map(({ group }) => group).filter((group) => ['epic', 'relateduserstory'].includes(group))).toHaveLength(6);
    expect(taigaCatalogue.testEntry?.type).toBe('test.test');
    expect(taigaCatalogue.unknownTypes).toBe('refuse');
    expect(taigaCatalogue.matched(['issue.*', 'epic.create'])).toEqual(['issue.*', 'epic.create']);
  });

  it.each(taigaCatalogue.entries)('shows a whole $group in the sample of $type, and says what changed only where it did', ({ type, group }) => {
    const { by, data, change } = sampleOf(type);
    expect(by).toEqual({ id: 7, permalink: 'https://t.example/profile/ana', username: 'ana', full_name: 'Ana Pérez', photo: null, gravatar_id: createHash('md5').update('ana@example.com').digest('hex') });
    expect(Object.keys(data).sort()).toEqual(MEMBERS[group]!.split(' ').sort());
    expect(change === undefined).toBe(!type.endsWith('.change'));
    if (change) expect(Object.keys(change)).toEqual(['comment', 'comment_html', 'delete_comment_date', 'comment_versions', 'edit_comment_date', 'diff']);
  });

  it.each([...taigaCatalogue.entries, taigaCatalogue.testEntry!])('has a sample of $type that can be sent, and sent again to the same bytes', (entry) => {
    const hook = { hookId: 'h', envelope: 'none', headers: [], eventTypes: ['*'], dialectOptions: '' };
    const renderer = taigaDialect.prepare(hook, { signing: [{ value: 'k', expiresAtMs: 0 }], basicAuthUser: '', basicAuthPassword: '', headers: [] }, '');
    const event = { tenantId: 't', eventId: 'e', type: entry.type, project: '', orderingKey: '', occurredAtMs: 0, attributes: {}, contentType: 'application/json', data: Buffer.from(entry.sample(context)), traceparent: '' };
    expect(renderer.render({ event, attemptNumber: 1, timestampMs: 0 })).toEqual(expect.objectContaining({ ok: true }));
    expect(entry.sample(context)).toBe(entry.sample(context));
  });

  it('shows the exceptions inside a difference: points by role, attachments, custom attributes, long texts as HTML', () => {
    const diff = sampleOf('userstory.change').change['diff'] as Record<string, object>;
    expect(diff['points']).toEqual({ Back: { from: '?', to: '8' } });
    expect(Object.keys(diff['attachments']!)).toEqual(['new', 'changed', 'deleted']);
    expect(Object.keys(diff['custom_attributes']!)).toEqual(['new', 'changed', 'deleted']);
    expect(Object.keys(sampleOf('wikipage.change').change['diff'] as object)).toEqual(['content_diff', 'content_html']);
  });

  it('writes points and the like as Python writes floats', () => {
    expect(catalogueEntry(taigaCatalogue, 'userstory.change')!.sample(context)).toContain('{"role":"Back","name":"8","value":8.0}');
    expect(catalogueEntry(taigaCatalogue, 'milestone.create')!.sample(context)).toContain('"disponibility":0.0');
  });
});
