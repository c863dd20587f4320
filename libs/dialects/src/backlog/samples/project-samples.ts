const person = { nulabAccount: null, name: 'test user', mailAddress: null, id: 100, roleType: 2, lang: null, userId: null };
const milestone = { id: 100, name: 'test milestone', start_date: '2026-01-05', reference_date: '2026-01-30', description: 'test description' };
const parties = { parties: [{ id: 100, name: 'test group' }] };

/** Content of test deliveries about a project's people, milestones and statuses, by activity number. */
export const projectSamples: Readonly<Record<number, object>> = {
  15: { comment: '', group_project_activities: [], users: [person] },
  16: { comment: '', group_project_activities: [], users: [person] },
  22: milestone,
  23: { id: milestone.id, name: milestone.name, changes: [{ field: 'reference_date', old_value: '2026-01-30', new_value: '2026-02-06', type: 'standard' }] },
  24: milestone,
  25: parties,
  26: parties,
  34: { deletedStatus: { name: 'test status' }, link: [{ key_id: '100', id: '100', title: 'test issue1' }], change: { field: 'status', new_value: 'Open', type: 'standard' } },
};
