import { isAppError } from '@hooklane/kernel';
import { everyOne } from '../../every-one.js';
import { createHook } from '../../hook/create-hook.js';
import { deleteHook } from '../../hook/delete-hook.js';
import { hookSecretsOf } from '../../hook/hook-secrets.js';
import type { HookState } from '../../hook/hook-state.js';
import { hookAggregate } from '../../hook/hook.decider.js';
import type { Caller, ChangeRequest, Registry, Stored } from '../../ports.js';
import { addWebhook, parameterAt, refusedField } from './add-webhook.js';
import { fieldInvalid, fieldRequired, notAllowed, ok, webhookNotFound, type WorksectionAnswer } from './answers.js';
import { listedWebhook } from './listed-webhook.js';
import { textOf, type Parameters } from './parameters.js';

/** A call whose credentials were good. */
export interface WorksectionCall {
  readonly caller: Caller;
  readonly request: ChangeRequest;
  readonly parameters: Parameters;
}

const DIALECT = 'worksection';
const NUMBERS = `hook/${DIALECT}` as const;

/** The three actions that are about webhooks; the product's others are about what Hooklane does not have. */
export function act(registry: Registry, call: WorksectionCall): Promise<WorksectionAnswer> | WorksectionAnswer {
  const action = textOf(call.parameters, 'action');
  switch (action) {
    case 'add_webhook':
      return call.caller.mayWrite() ? add(registry, call) : notAllowed();
    case 'get_webhooks':
      return call.caller.mayRead() ? list(registry, call) : notAllowed();
    // The second as the product's own documentation spells it for OAuth (W27): who copied it must get on.
    case 'delete_webhook':
    case 'delete_webhookd':
      return call.caller.mayWrite() ? remove(registry, call) : notAllowed();
    case '':
      return fieldRequired('action');
    default:
      return fieldInvalid('action', action);
  }
}

async function add(registry: Registry, { request, parameters }: WorksectionCall): Promise<WorksectionAnswer> {
  const asked = addWebhook(parameters);
  if (!asked.ok) return asked.answer;
  try {
    const { body } = await createHook(registry, request, asked.hook, { origin: DIALECT });
    const number = await registry.numbers.numberOf(request.tenantId, NUMBERS, body.id);
    return ok({ id: number ?? 0 });
  } catch (error) {
    const pointer = refusedPointer(error);
    if (pointer === null) throw error;
    return refusedField(parameterAt(pointer), asked.hook.url);
  }
}

/** @returns where it is wrong; null for an error that is not about what was asked for */
function refusedPointer(error: unknown): string | null {
  if (isAppError(error, 'receiver-refused') || isAppError(error, 'target-denied')) return '/url';
  if (!isAppError(error, 'invalid-hook')) return null;
  const [first] = (error.details['errors'] ?? []) as readonly { readonly pointer: string }[];
  return first?.pointer ?? '';
}

async function list(registry: Registry, { caller, request: { tenantId } }: WorksectionCall): Promise<WorksectionAnswer> {
  const hooks = await hooksOf(registry, tenantId);
  const numbers = await registry.numbers.numbersOf(tenantId, NUMBERS, hooks.map(({ id }) => id));
  const shown = hooks
    .flatMap(({ id, state }) => {
      const number = numbers.get(id);
      return number === undefined ? [] : [{ number, state }];
    })
    .sort((one, other) => one.number - other.number)
    .map(({ number, state }) => {
      // Its query may hold the receiver's token: whole, as clients compare it with theirs, only for who could change it.
      const url = caller.mayWrite() ? hookSecretsOf(registry, state).url : state.config.displayUrl;
      return listedWebhook({ number, url, eventTypes: state.config.eventTypes, projects: state.config.projects, enabled: state.enabled });
    });
  return ok({ data: shown });
}

async function hooksOf({ reads }: Registry, tenantId: string): Promise<readonly Stored<HookState>[]> {
  const found: Stored<HookState>[] = [];
  for await (const hook of everyOne<HookState>(reads, hookAggregate, tenantId)) if (hook.state.dialect === DIALECT) found.push(hook);
  return found;
}

async function remove(registry: Registry, { request, parameters }: WorksectionCall): Promise<WorksectionAnswer> {
  const id = textOf(parameters, 'id');
  if (id === '') return fieldRequired('id');
  const hookId = /^\d{1,15}$/.test(id) ? await registry.numbers.idOf(request.tenantId, NUMBERS, Number(id)) : null;
  if (hookId === null) return webhookNotFound();
  try {
    await deleteHook(registry, request, hookId);
    return ok();
  } catch (error) {
    if (isAppError(error, 'not-found')) return webhookNotFound();
    throw error;
  }
}
