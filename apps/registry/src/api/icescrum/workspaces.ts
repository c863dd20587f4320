import { AppError } from '@hooklane/kernel';
import type { FastifyRequest } from 'fastify';
import { isAdmin, mayUseProject } from '../../dialect-apis/icescrum/icescrum-access.js';
import type { Level } from '../../dialect-apis/icescrum/workspace-codes.js';
import { everyOne } from '../../every-one.js';
import type { FactsState } from '../../facts-aggregate.js';
import type { Caller, Registry } from '../../ports.js';
import { projectAggregate, type ProjectFacts } from '../../project/projects.js';
import type { IcescrumSettings } from './icescrum.settings.js';

/** Where hooks stand, and who asks for them. */
export interface Workspace {
  readonly caller: Caller;
  readonly level: Level;
  /** Null: the server. */
  readonly project: Project | null;
  /** The tenant's projects, by id and by key: hooks of the native API name them either way. */
  readonly projects: ReadonlyMap<string, Project>;
}

export interface Project {
  readonly id: string;
  readonly key: string;
  readonly blocked: boolean;
}

export type Entered = { readonly ok: true; readonly workspace: Workspace } | { readonly ok: false; readonly status: 403 | 404 | 503; readonly text: string };

const TOKEN_HEADERS = ['x-icescrum-token', 'x-gitlab-token', 'x-auth-token'];

/**
 * A project's Webhooks app is enabled as long as nobody blocks the project (I5).
 * @param pkey key or number of the project; null: the server
 * @throws AppError `unauthenticated`
 */
export async function enter(registry: Registry, settings: IcescrumSettings, request: Pick<FastifyRequest, 'headers'>, query: Readonly<Record<string, unknown>>, pkey: string | null): Promise<Entered> {
  const caller = await callerOf(registry, request, query);
  if (pkey === null && !isAdmin(caller)) return { ok: false, status: 403, text: 'Hooks of the server are for administrators.' };
  if (pkey === null && !settings.serverHooks) return { ok: false, status: 503, text: 'Hooks of the server are switched off.' };
  const projects = await projectsOf(registry, caller.tenantId);
  if (pkey === null) return { ok: true, workspace: { caller, level: 'server', project: null, projects } };
  const project = await projectOf(registry, caller.tenantId, projects, pkey);
  if (!project) return { ok: false, status: 404, text: `There is no project ${pkey}.` };
  if (!mayUseProject(caller, project.id)) return { ok: false, status: 403, text: 'Webhooks are for Product Owners and Scrum Masters of the project.' };
  if (project.blocked) return { ok: false, status: 403, text: 'The Webhooks app is not enabled for this project.' };
  return { ok: true, workspace: { caller, level: 'project', project, projects } };
}

async function callerOf(registry: Registry, { headers }: Pick<FastifyRequest, 'headers'>, query: Readonly<Record<string, unknown>>): Promise<Caller> {
  const token = TOKEN_HEADERS.map((name) => headers[name]).find((value) => typeof value === 'string' && value !== '') ?? query['icescrum-token'];
  const caller = typeof token === 'string' && token !== '' ? await registry.callers.withToken(token) : null;
  if (!caller) throw new AppError('unauthenticated', 'Send a token that is good in the header x-icescrum-token.');
  return caller;
}

async function projectsOf(registry: Registry, tenantId: string): Promise<ReadonlyMap<string, Project>> {
  const projects = new Map<string, Project>();
  for await (const { id, state } of everyOne<FactsState<ProjectFacts>>(registry.reads, projectAggregate, tenantId)) {
    const project = { id, key: state.facts.key, blocked: state.facts.blocked };
    projects.set(id, project);
    projects.set(project.key, project);
  }
  return projects;
}

/** A key, or the project's number. */
async function projectOf(registry: Registry, tenantId: string, projects: ReadonlyMap<string, Project>, pkey: string): Promise<Project | undefined> {
  const byKey = projects.get(pkey);
  if (byKey || !/^\d{1,15}$/.test(pkey)) return byKey;
  const id = await registry.numbers.idOf(tenantId, 'project', Number(pkey));
  return id === null ? undefined : projects.get(id);
}
