import { entriesOf, textOf, textsOf, type HookImporter } from '../import/imported-hook.js';

/** `GET /ws/project/{pkey}/hook` or `/ws/hook` (dialects design 4.2). Hooks have no name there; those of the server belong to no project. */
export const icescrumImport: HookImporter = (list) =>
  entriesOf(list, ({ id, url, events, enabled, ignoreSsl, secret, workspaceId, workspaceType }) => {
    if (textOf(url) === '') return 'Has no url.';
    const eventTypes = textsOf(events);
    if (eventTypes.length === 0) return 'Wants no event.';
    return {
      name: `iceScrum ${textOf(id)}`.trim(),
      url: textOf(url),
      eventTypes,
      verifiesTls: ignoreSsl !== true,
      ...(typeof enabled === 'boolean' ? { enabled } : {}),
      ...(textOf(secret) === '' ? {} : { secret: textOf(secret) }),
      ...(workspaceType === 'project' && textOf(workspaceId) !== '' ? { projects: [textOf(workspaceId)] } : {}),
    };
  });
