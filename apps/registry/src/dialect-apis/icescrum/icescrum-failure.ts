import type { PublicFailure } from '@hooklane/service-host';
import type { FieldFault } from './hook-form.js';

/** Fields of the native API and what iceScrum calls them. */
const FIELDS: Readonly<Record<string, string>> = { url: 'url', eventTypes: 'events', secret: 'secret', tls: 'ignoreSsl', projects: 'workspaceId', enabled: 'enabled' };

/** What was refused, field by field: `[{"text":"message - field"}]` (dialects design 4.2). */
export function validationBody(faults: readonly FieldFault[]): readonly { readonly text: string }[] {
  return faults.map(({ field, message }) => ({ text: `${message} - ${field}` }));
}

/** How an error looks below `/ws`: the fields, or one sentence. iceScrum knows 400 for whatever is wrong with a request. */
export function failureAnswer({ status, sentence, details }: Pick<PublicFailure, 'status' | 'sentence' | 'details'>): { readonly status: number; readonly body: unknown } {
  const faults = faultsOf(details['errors']);
  const shown = status === 409 || status === 422 ? 400 : status;
  return { status: shown, body: faults.length > 0 ? validationBody(faults) : { text: sentence } };
}

function faultsOf(errors: unknown): readonly FieldFault[] {
  if (!Array.isArray(errors)) return [];
  return (errors as readonly { readonly pointer: string; readonly message: string }[]).map(({ pointer, message }) => {
    const name = pointer.split('/')[1] ?? '';
    return { field: FIELDS[name] ?? (name || 'hook'), message: message.replace(/\.$/, '') };
  });
}
