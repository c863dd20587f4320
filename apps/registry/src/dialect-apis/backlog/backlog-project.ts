import { AppError } from '@hooklane/kernel';
import { everyOne } from '../../every-one.js';
import type { FactsState } from '../../facts-aggregate.js';
import { projectAggregate, type ProjectFacts } from '../../project/projects.js';
import type { Caller, Registry } from '../../ports.js';

export interface BacklogProject {
  readonly id: string;
  readonly key: string;
}

/**
 * The project that a path names, for those who may administrate it: administrators, and the project's own (B17).
 * @param idOrKey its number, or its key
 * @throws AppError `not-found` where it is none of the tenant's, or none that the caller may know of; `missing-scope` for its other members
 */
export async function administratedProject(registry: Pick<Registry, 'reads' | 'numbers'>, caller: Caller, idOrKey: string): Promise<BacklogProject> {
  const project = (await numberedProject(registry, caller.tenantId, idOrKey)) ?? (await keyedProject(registry, caller.tenantId, idOrKey));
  if (!project || caller.projectRole(project.id) === null) throw new AppError('not-found', 'No project.');
  if (!caller.mayAdministrate(project.id)) throw new AppError('missing-scope', 'Webhooks are for administrators and for administrators of the project.');
  return project;
}

async function numberedProject({ reads, numbers }: Pick<Registry, 'reads' | 'numbers'>, tenantId: string, text: string): Promise<BacklogProject | null> {
  if (!/^[1-9]\d{0,15}$/.test(text)) return null;
  const id = await numbers.idOf(tenantId, 'project', Number(text));
  const found = id === null ? null : await reads.find<FactsState<ProjectFacts>>(projectAggregate, tenantId, id);
  return found && { id: found.id, key: found.state.facts.key };
}

async function keyedProject({ reads }: Pick<Registry, 'reads'>, tenantId: string, key: string): Promise<BacklogProject | null> {
  for await (const { id, state } of everyOne<FactsState<ProjectFacts>>(reads, projectAggregate, tenantId)) if (state.facts.key === key) return { id, key };
  return null;
}
