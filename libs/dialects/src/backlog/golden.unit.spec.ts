import { describe, expect, it } from '@jest/globals';
import { dialectOf } from '../dialects.js';

/** `content` of each number as it must stand in the request, written by hand: no code of the dialect made a byte of it. */
const ISSUE = '"description":"test description","comment":{"id":200,"content":"test comment"},"attachments":[],"shared_files":[],"id":100}';
const VERSION = '"displayOrder":null,"description":"","id":null,"projectId":null,"startDate":"null"}';
const LINK = '"link":[{"key_id":"100","id":"100","title":"test issue1"},{"key_id":"101","id":"101","title":"test issue2"}]';
const USERS = '{"comment":"","group_project_activities":[],"users":[{"nulabAccount":null,"name":"test user","mailAddress":null,"id":100,"roleType":2,"lang":null,"userId":null}]}';
const MILESTONE = '{"id":100,"name":"test milestone","start_date":"2026-01-05","reference_date":"2026-01-30","description":"test description"}';
const REPOSITORY = '"description":"test description","repository":{"description":"test description","id":100,"name":"test-repository"}';
const DOCUMENT = '{"id":"01900000000000000000000000000100","title":"test document"}';
const version = (name: string): string => `{"archived":"false","releaseDueDate":"null","name":"${name}",${VERSION}`;

const GOLDEN: readonly (readonly [number: number, type: string, content: string])[] = [
  [
    1,
    'issue.created',
    '{"summary":"test issue","key_id":100,"customFields":[],"dueDate":"","description":"test description","priority":{"name":"","id":null},"resolution":{"name":"","id":null},"actualHours":null,' +
      '"issueType":{"color":"null","name":"Bug","displayOrder":null,"id":400,"projectId":null},' +
      `"milestone":[${version('prototype release')},${version('alpha release')},${version('beta release')},${version('product release')}],` +
      `"versions":[${version('Version0.1')},${version('Version0.2')},${version('Version1.0')}],` +
      '"parentIssueId":null,"estimatedHours":null,"id":100,"assignee":null,"category":[{"name":"Category1","displayOrder":null,"id":null},{"name":"Category2","displayOrder":null,"id":null}],' +
      '"startDate":"","status":{"name":"In Progress","id":2}}',
  ],
  [
    2,
    'issue.updated',
    '{"summary":"test issue","key_id":100,"changes":[{"field":"priority","old_value":"","type":"standard","new_value":""},{"field":"status","old_value":"1","type":"standard","new_value":"2"}],' + ISSUE,
  ],
  [3, 'issue.commented', `{"summary":"test issue","key_id":100,"changes":[],${ISSUE}`],
  [4, 'issue.deleted', '{"key_id":100,"id":100}'],
  [5, 'wiki.created', '{"name":"test wiki","id":100,"content":"test content","attachments":[],"shared_files":[]}'],
  [6, 'wiki.updated', '{"name":"test wiki","diff":"1c1\\n<test content---\\n>test","id":100,"version":3,"content":"test content","attachments":[],"shared_files":[]}'],
  [7, 'wiki.deleted', '{"name":"test wiki","id":100,"content":"test content","attachments":[],"shared_files":[]}'],
  [8, 'file.added', '{"id":100,"dir":"/test/","name":"test.png","size":100}'],
  [9, 'file.updated', '{"id":100,"dir":"/test/","name":"test.png","size":100}'],
  [10, 'file.deleted', '{"id":100,"dir":"/test/","name":"test.png","size":100}'],
  [11, 'svn.committed', '{"rev":100,"comment":"test commit"}'],
  [
    12,
    'git.pushed',
    '{"revision_count":1,"change_type":"update","repository":{"name":"app","id":3},"revision_type":"commit","ref":"refs/heads/test","revisions":[{"comment":"test","rev":"e1cf1103242ea1ce59382ac2e2ab4de43751524d"}]}',
  ],
  [13, 'git.repository-created', '{"repository":{"description":"description","id":100,"name":"test"}}'],
  [14, 'issue.multi-updated', `{${LINK},"comment":{"content":"test comment"},"changes":[{"field":"priority","type":"standard","new_value":"高"}],"tx_id":"200"}`],
  [15, 'project.user-added', USERS],
  [16, 'project.user-removed', USERS],
  [17, 'issue.notified', `{"summary":"test issue","key_id":100,"changes":[],${ISSUE}`],
  [
    18,
    'pull-request.added',
    `{"comment":null,${REPOSITORY},"changes":[],"number":100,"summary":"test pull request","assignee":{"name":"test","id":100000,"roleType":1,"lang":null,"userId":"test"},` +
      '"base":"master","branch":"feature","diff":null,"issue":{"summary":"summary","key_id":100,"description":"description","id":100000},"id":100}',
  ],
  [
    19,
    'pull-request.updated',
    `{"comment":null,${REPOSITORY},"changes":[{"field":"description","old_value":"descriptions","new_value":"descriptions\\nadd"}],"number":100,"summary":"test pull request","assignee":null,` +
      '"base":"master","branch":"feature","diff":"1c1\\n<test description---\\n>test","issue":null,"id":100}',
  ],
  [
    20,
    'pull-request.commented',
    `{"comment":{"content":"test comment","id":100},${REPOSITORY},"changes":[],"number":100,"summary":"test pull request","assignee":null,"base":"master","branch":"feature","diff":null,"issue":null,"id":100}`,
  ],
  [
    21,
    'pull-request.merged',
    `{"comment":null,${REPOSITORY},"changes":[{"field":"status","old_value":"1","new_value":"3"}],"number":100,"summary":"test pull request","assignee":null,` +
      '"base":"master","branch":"feature","diff":null,"issue":null,"id":100}',
  ],
  [22, 'milestone.created', MILESTONE],
  [23, 'milestone.updated', '{"id":100,"name":"test milestone","changes":[{"field":"reference_date","old_value":"2026-01-30","new_value":"2026-02-06","type":"standard"}]}'],
  [24, 'milestone.deleted', MILESTONE],
  [25, 'project.group-added', '{"parties":[{"id":100,"name":"test group"}]}'],
  [26, 'project.group-deleted', '{"parties":[{"id":100,"name":"test group"}]}'],
  [34, 'status.deleted', '{"deletedStatus":{"name":"test status"},"link":[{"key_id":"100","id":"100","title":"test issue1"}],"change":{"field":"status","new_value":"Open","type":"standard"}}'],
  [35, 'issue.dates-updated', `{${LINK},"changes":[{"field":"limitDate","type":"standard","new_value":"2026-02-06"}],"tx_id":"200"}`],
  [36, 'document.created', DOCUMENT],
  [37, 'document.deleted', DOCUMENT],
  [38, 'document.title-updated', DOCUMENT],
  [40, 'document.comment-created', DOCUMENT],
  [41, 'document.comment-updated', DOCUMENT],
  [42, 'document.comment-deleted', DOCUMENT],
  [43, 'document.comment-reply-created', DOCUMENT],
  [44, 'document.comment-reply-updated', DOCUMENT],
  [45, 'document.comment-reply-deleted', DOCUMENT],
  [46, 'document.attachment-created', DOCUMENT],
  [47, 'issue.multi-created', `{${LINK}}`],
  [48, 'document.multi-created', `{"documents":[${DOCUMENT},{"id":"01900000000000000000000000000101","title":"test document 2"}]}`],
];

const PROJECT = '{"archived":false,"projectKey":"TEST","name":"TestProject","chartEnabled":false,"id":100,"subtaskingEnabled":false}';
const PRESSER = '{"nulabAccount":null,"name":"Ana Pérez","mailAddress":null,"id":9,"roleType":1,"lang":null,"userId":null}';

const context = {
  atMs: 0,
  by: { id: 9, userName: 'ana', fullName: 'Ana Pérez', email: 'ana@x.example' },
  project: { id: 1, key: 'SHOP', name: 'Shop' },
  baseUrl: 'https://hub.example',
};

describe('the golden bytes of every Backlog event', () => {
  const backlog = dialectOf('backlog');
  const renderer = backlog.prepare({ hookId: 'h', envelope: 'none', headers: [], eventTypes: ['*'], dialectOptions: '' }, { signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [] }, 'Hooklane');
  const sample = (type: string): string => backlog.catalogue.entries.find((entry) => entry.type === type)!.sample(context);
  const rendered = (type: string, data: string): unknown => {
    const event = { tenantId: 't', eventId: 'e', type, project: '', orderingKey: '', occurredAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 999), attributes: {}, contentType: 'application/json', data: Buffer.from(data), traceparent: '' };
    const made = renderer.render({ event, attemptNumber: 1, timestampMs: 0 });
    return made.ok ? { headers: made.headers, body: made.body.toString('utf8') } : made;
  };

  it.each(GOLDEN)('%i, %s: body and headers of the test delivery that Backlog sends, with who pressed the button', (number, type, content) => {
    const request = {
      headers: ['Content-Type', 'application/json'],
      body: `{"created":"2026-01-02T03:04:05Z","project":${PROJECT},"id":10,"type":${number},"content":${content},"notifications":[],"createdUser":${PRESSER}}`,
    };
    expect(rendered(type, sample(type))).toEqual(request);
    expect(rendered(String(number), sample(type))).toEqual(request);
  });

  it('are of all numbers of the catalogue: 1 to 26, 34 to 38 and 40 to 48', () => {
    const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
    expect(backlog.catalogue.entries.map(({ aliases: [alias] }) => Number(alias))).toEqual([...range(1, 26), ...range(34, 38), ...range(40, 48)]);
    expect(backlog.catalogue.entries.map(({ type }) => type)).toEqual(GOLDEN.map(([, type]) => type));
  });
});
