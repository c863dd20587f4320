import { entriesOf, textOf, textsOf, type HookImporter } from '../import/imported-hook.js';

/** `GET /api/v2/projects/{idOrKey}/webhooks` (dialects design 2.2): all of one project, which it does not name. */
export const backlogImport: HookImporter = (list) =>
  entriesOf(list, ({ name, description, hookUrl, allEvent, activityTypeIds }) => {
    if (textOf(hookUrl) === '') return 'Has no hookUrl.';
    const eventTypes = allEvent === true ? ['*'] : textsOf(activityTypeIds);
    if (eventTypes.length === 0) return 'Wants no event: allEvent is not true, and activityTypeIds is empty.';
    return { name: textOf(name), url: textOf(hookUrl), eventTypes, ...(textOf(description) === '' ? {} : { metadata: { description: textOf(description) } }) };
  });
