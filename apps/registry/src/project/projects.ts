import type { ProjectCreate, ProjectView } from '@hooklane/contracts/rest';
import type { CatalogChanged } from '@hooklane/contracts/topics';
import { factsAggregate, type FactsState } from '../facts-aggregate.js';
import { createFacts, factsView, type FactsShown } from '../facts-use-cases.js';
import type { Answer, ChangeRequest, Registry } from '../ports.js';

export interface ProjectFacts {
  /** Unique within the tenant. */
  readonly key: string;
  readonly name: string;
  readonly blocked: boolean;
}

export const projectAggregate = factsAggregate<'Project', ProjectFacts>('project', 'Project', { key: '', name: '', blocked: false });

export const projects: FactsShown<'Project', ProjectFacts, ProjectView> = {
  aggregate: projectAggregate,
  list: 'projects',
  view: (state, version) => ({ id: state.id, ...factsView(state, version) }),
};

/** @throws AppError `not-found` (tenant), `already-exists` when another project has the key */
export function createProject(registry: Registry, request: ChangeRequest, { key, name, blocked }: ProjectCreate): Promise<Answer<ProjectView>> {
  return createFacts(registry, request, projects, registry.ids.next('prj'), { key, name, blocked: blocked ?? false });
}

export function projectRecord({ tenantId, id, status, facts }: FactsState<ProjectFacts>, version: number): CatalogChanged {
  return { version, entry: { $case: 'project', value: { tenantId, projectId: id, deleted: status === 'deleted', ...facts } } };
}
