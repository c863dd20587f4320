import type { SampleContext } from '../../catalogue.js';
import { day, now, shortUser, type Item } from './sample-parts.js';

/** What a comment code carries: the comment, not what it stands on. */
export function comment(context: SampleContext, commentable: Item, action: string): Item {
  const isNew = action === 'addedComment';
  return {
    class: 'Comment',
    id: 41,
    body: isNew ? 'The seal is *worn*.' : 'The seal is *worn out*.',
    body_html: isNew ? '<p>The seal is <strong>worn</strong>.</p>' : '<p>The seal is <strong>worn out</strong>.</p>',
    poster: shortUser(context),
    dateCreated: isNew ? now(context) : day(context, -1),
    lastUpdated: now(context),
    commentable: { class: commentable['class'], id: commentable['id'] },
  };
}
