import type { SampleContext } from '../catalogue.js';
import type { WorksectionCode } from './worksection-code.js';

const TASK_ID = '330090';
const COMMENT_ID = '19086';
/** Who stands in `user_to` while nobody is responsible. */
const ANYONE = { id: '2', email: 'ANY', name: 'Anyone' };

/** Event data such as the product's own, for the URL check and the test button. Ids are text in it. */
export function sampleOf(code: WorksectionCode, context: SampleContext): string {
  const user = { id: String(context.by.id), email: context.by.email, name: context.by.fullName };
  return JSON.stringify({ object: objectOf(code, context), user_from: user, ...changesOf(code, context, user) });
}

function objectOf({ type }: WorksectionCode, { project }: SampleContext): object {
  const page = `/project/${project.id}/`;
  switch (type) {
    case 'project':
      return { type, id: String(project.id), page };
    case 'task':
      return { type, id: TASK_ID, page: `${page}${TASK_ID}/` };
    case 'comment':
      return { type, id: COMMENT_ID, page: `${page}${TASK_ID}/#com${COMMENT_ID}` };
  }
}

/** Only what changed; what is deleted, completed or reopened says no more than that. */
function changesOf({ action, type }: WorksectionCode, { project }: SampleContext, user: object): object {
  const title = type === 'project' ? project.name : 'Sample task';
  if (action === 'post') return { new: type === 'comment' ? { text: 'Sample comment' } : { title, user_to: user } };
  if (action !== 'update') return {};
  if (type === 'comment') return { new: { text: 'Sample comment, edited' }, old: { text: 'Sample comment' } };
  return { new: { title, user_to: user }, old: { title: `${title}, before`, user_to: ANYONE } };
}
