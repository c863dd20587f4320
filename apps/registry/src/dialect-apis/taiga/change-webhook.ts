import { createHook } from '../../hook/create-hook.js';
import { deleteHook } from '../../hook/delete-hook.js';
import { updateHook } from '../../hook/update-hook.js';
import type { Caller, ChangeRequest, Registry } from '../../ports.js';
import { ProjectBook, type NumberedProject } from './project-book.js';
import type { TaigaAnswer } from './taiga-answer.js';
import { BLOCKED, forbidden, notFound } from './taiga-failure.js';
import { findHook, findHookById, isBlocked, mayAdministrate, webhookViews } from './taiga-hooks.js';
import { noSuchProject, webhookForm, type WebhookFields } from './webhook-form.js';

/** What a change of a webhook needs. */
export interface WebhookChange {
  readonly registry: Registry;
  readonly caller: Caller;
  /** For the use case beneath. */
  readonly request: ChangeRequest;
}

type Body = Readonly<Record<string, unknown>>;

/** T15. @throws AppError those of creating a hook */
export async function createWebhook({ registry, caller, request }: WebhookChange, body: Body): Promise<TaigaAnswer> {
  const form = webhookForm(body, 'POST');
  if (!form.ok) return { status: 400, body: form.errors };
  const { name, url, key, project: number } = form.fields as Required<WebhookFields>;
  const project = await projectFor(registry, caller, number);
  if ('status' in project) return project;
  const created = await createHook(registry, request, { dialect: 'taiga', name, url, secret: key, projects: namesOf(project) }, { origin: 'taiga' });
  return shown(registry, caller, created.body.id, 201);
}

/** T16. @param method with PATCH what is not in the body stays as it is @throws AppError those of updating a hook */
export async function changeWebhook({ registry, caller, request }: WebhookChange, number: string, body: Body, method: 'PUT' | 'PATCH'): Promise<TaigaAnswer> {
  const hook = await findHook(registry, caller, number);
  if (!hook) throw notFound();
  if (!mayAdministrate(caller, hook)) throw forbidden();
  const form = webhookForm(body, method);
  if (!form.ok) return { status: 400, body: form.errors };
  if (isBlocked(hook)) return BLOCKED;
  const { name, url, key, project } = form.fields;
  // A hook with several projects, made elsewhere, keeps them when the one that is shown comes back.
  const isMoved = project !== undefined && project !== hook.projects[0]?.number;
  const target = isMoved ? await projectFor(registry, caller, project) : null;
  if (target !== null && 'status' in target) return target;
  await updateHook(registry, request, hook.state.hookId, {
    ...(name === undefined ? {} : { name }),
    ...(url === undefined ? {} : { url }),
    ...(key === undefined ? {} : { secret: key }),
    ...(target === null ? {} : { projects: namesOf(target) }),
  });
  return shown(registry, caller, hook.state.hookId, 200);
}

/** T16. */
export async function deleteWebhook({ registry, caller, request }: WebhookChange, number: string): Promise<TaigaAnswer> {
  const hook = await findHook(registry, caller, number);
  if (!hook) throw notFound();
  if (!mayAdministrate(caller, hook)) throw forbidden();
  if (isBlocked(hook)) return BLOCKED;
  await deleteHook(registry, request, hook.state.hookId);
  return { status: 204, body: null };
}

/** Publishers may name a project by either. */
const namesOf = ({ id, key }: NumberedProject): string[] => [id, key];

async function projectFor(registry: Registry, caller: Caller, number: number): Promise<NumberedProject | TaigaAnswer> {
  const project = await new ProjectBook(registry, caller.tenantId).withNumber(number);
  if (!project) return { status: 400, body: { project: [noSuchProject(number)] } };
  if (!caller.mayAdministrate(project.id)) throw forbidden();
  return project.blocked ? BLOCKED : project;
}

async function shown(registry: Registry, { tenantId }: Caller, hookId: string, status: number): Promise<TaigaAnswer> {
  const hook = await findHookById(registry, tenantId, hookId);
  // Somebody deleted it in the meantime.
  if (!hook) throw notFound();
  const [body] = await webhookViews(registry, tenantId, [hook]);
  return { status, body };
}
