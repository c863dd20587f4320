import { entriesOf, textOf, textsOf, type Fields, type HookImporter } from '../import/imported-hook.js';

/** `action=get_webhooks` (dialects design 5.1, W25): the answer itself, or its `data`. Passwords are not in it (W28), so basic auth has to be set afterwards. */
export const worksectionImport: HookImporter = (answer) => {
  const list = Array.isArray(answer) ? answer : ((answer ?? {}) as Fields)['data'];
  return entriesOf(list, ({ id, url, events, status, projects }) => {
    if (textOf(url) === '') return 'Has no url.';
    const eventTypes = textsOf(events);
    if (eventTypes.length === 0) return 'Wants no event.';
    const chosen = textsOf(projects);
    return { name: `Worksection ${textOf(id)}`.trim(), url: textOf(url), eventTypes, enabled: status === 'active', ...(chosen.length === 0 ? {} : { projects: chosen }) };
  });
};
