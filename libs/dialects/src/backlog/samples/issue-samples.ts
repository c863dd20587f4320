/** An issue as Backlog's test deliveries show it. */
const issue = { id: 100, summary: 'test issue', description: 'test description', comment: { id: 200, content: 'test comment' } };

/** Test deliveries write `false` and `null` of versions as texts; receivers have been written for it. */
const version = (name: string): object => ({ archived: 'false', releaseDueDate: 'null', name, displayOrder: null, description: '', id: null, projectId: null, startDate: 'null' });
const category = (name: string): object => ({ name, displayOrder: null, id: null });

/** Bulk updates name issues by texts. */
const link = [
  { key_id: '100', id: '100', title: 'test issue1' },
  { key_id: '101', id: '101', title: 'test issue2' },
];

const commented = {
  summary: issue.summary,
  key_id: 100,
  changes: [],
  description: issue.description,
  comment: issue.comment,
  attachments: [],
  shared_files: [],
  id: issue.id,
};

/** Content of test deliveries about issues, by activity number; members in the order in which Backlog sends them. */
export const issueSamples: Readonly<Record<number, object>> = {
  1: {
    summary: issue.summary,
    key_id: 100,
    customFields: [],
    dueDate: '',
    description: issue.description,
    priority: { name: '', id: null },
    resolution: { name: '', id: null },
    actualHours: null,
    issueType: { color: 'null', name: 'Bug', displayOrder: null, id: 400, projectId: null },
    milestone: ['prototype release', 'alpha release', 'beta release', 'product release'].map(version),
    versions: ['Version0.1', 'Version0.2', 'Version1.0'].map(version),
    parentIssueId: null,
    estimatedHours: null,
    id: issue.id,
    assignee: null,
    category: ['Category1', 'Category2'].map(category),
    startDate: '',
    status: { name: 'In Progress', id: 2 },
  },
  2: {
    ...commented,
    changes: [
      { field: 'priority', old_value: '', type: 'standard', new_value: '' },
      { field: 'status', old_value: '1', type: 'standard', new_value: '2' },
    ],
  },
  3: commented,
  4: { key_id: 100, id: issue.id },
  14: { link, comment: { content: 'test comment' }, changes: [{ field: 'priority', type: 'standard', new_value: '高' }], tx_id: '200' },
  17: commented,
  35: { link, changes: [{ field: 'limitDate', type: 'standard', new_value: '2026-02-06' }], tx_id: '200' },
  47: { link },
};
