import { entriesOf, textOf, type HookImporter } from '../import/imported-hook.js';

/** `GET /api/v1/webhooks` (dialects design 1.2): the key stands in it in clear. A hook belongs to a project, and hears of everything in it. */
export const taigaImport: HookImporter = (list) =>
  entriesOf(list, ({ name, url, key, project }) => {
    if (textOf(url) === '') return 'Has no url.';
    if (textOf(key) === '') return 'Has no key, which Taiga signs with.';
    return { name: textOf(name), url: textOf(url), secret: textOf(key), ...(textOf(project) === '' ? {} : { projects: [textOf(project)] }) };
  });
