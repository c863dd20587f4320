const pullRequest = {
  comment: null,
  description: 'test description',
  repository: { description: 'test description', id: 100, name: 'test-repository' },
  changes: [],
  number: 100,
  summary: 'test pull request',
  assignee: null,
  base: 'master',
  branch: 'feature',
  diff: null,
  issue: null,
  id: 100,
};

/** Content of test deliveries about commits, repositories and pull requests, by activity number; members in the order in which Backlog sends them. */
export const repositorySamples: Readonly<Record<number, object>> = {
  11: { rev: 100, comment: 'test commit' },
  12: {
    revision_count: 1,
    change_type: 'update',
    repository: { name: 'app', id: 3 },
    revision_type: 'commit',
    ref: 'refs/heads/test',
    revisions: [{ comment: 'test', rev: 'e1cf1103242ea1ce59382ac2e2ab4de43751524d' }],
  },
  13: { repository: { description: 'description', id: 100, name: 'test' } },
  18: {
    ...pullRequest,
    assignee: { name: 'test', id: 100000, roleType: 1, lang: null, userId: 'test' },
    issue: { summary: 'summary', key_id: 100, description: 'description', id: 100000 },
  },
  19: { ...pullRequest, changes: [{ field: 'description', old_value: 'descriptions', new_value: 'descriptions\nadd' }], diff: '1c1\n<test description---\n>test' },
  20: { ...pullRequest, comment: { content: 'test comment', id: 100 } },
  21: { ...pullRequest, changes: [{ field: 'status', old_value: '1', new_value: '3' }] },
};
