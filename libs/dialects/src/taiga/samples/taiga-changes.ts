import type { SampleContext } from '../../catalogue.js';
import type { SampleValue } from './sample-json.js';
import type { TaigaObject } from './taiga-objects.js';

type Members = { readonly [name: string]: SampleValue };

/**
 * The member `change` of a sample. A changed field is `{from, to}` with the names that people see; the exceptions are points (by role), attachments and
 * custom attributes (new, changed, deleted) and long texts (a marked-up difference and both pages as HTML). Together the samples show each of them.
 */
export function changeOf(type: TaigaObject, context: SampleContext): Members {
  switch (type) {
    case 'milestone':
      return change({ name: fromTo('Sprint 12', 'Sprint 12: pump room') });
    case 'userstory':
      return change(storyDiff(context), 'Estimated in the planning.');
    case 'task':
      return change({ status: fromTo('New', 'In progress'), assigned_to: fromTo(null, context.by.fullName), is_blocked: fromTo(false, true), ...longText('blocked_note', '', 'Waiting for the cable') });
    case 'issue':
      return change({ status: fromTo('New', 'Closed') }, 'Seen again, and mended.');
    case 'wikipage':
      return change(longText('content', 'Keys are at the gate.', 'Keys are at the gate. Ask for Ana.'));
    case 'epic':
      return change({ status: fromTo('New', 'In progress') });
    case 'relateduserstory':
      return change({ order: fromTo(1, 2) });
  }
}

function storyDiff(context: SampleContext): Members {
  return {
    status: fromTo('New', 'Ready'),
    assigned_to: fromTo(null, context.by.fullName),
    points: { Back: fromTo('?', '8') },
    attachments: { new: [{ filename: 'pumps.pdf', url: `${context.baseUrl}/media/attachments/pumps.pdf`, description: '', is_deprecated: false }], changed: [], deleted: [] },
    custom_attributes: { new: [{ name: 'Budget', value: '1250.5' }], changed: [], deleted: [] },
  };
}

function change(diff: Members, comment = ''): Members {
  return { comment, comment_html: comment && `<p>${comment}</p>`, delete_comment_date: null, comment_versions: null, edit_comment_date: null, diff };
}

const fromTo = (from: SampleValue, to: SampleValue): Members => ({ from, to });

/** A changed text that is rendered: its difference and both states as HTML. */
function longText(field: string, before: string, after: string): Members {
  const html = (text: string): string => text && `<p>${text}</p>`;
  const added = after.slice(before.length);
  return { [`${field}_diff`]: fromTo(null, html(`<span>${before}</span><ins>${added}</ins>`)), [`${field}_html`]: fromTo(html(before), html(after)) };
}
