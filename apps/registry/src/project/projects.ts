import type { ProjectCreate, ProjectPatch, ProjectView } from '@hooklane/contracts/rest';
import type { CatalogChanged } from '@hooklane/contracts/topics';
import { factsAggregate, type FactsState } from '../facts-aggregate.js';
import { changeFacts, type FactsShown } from '../facts-use-cases.js';
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
  view: ({ id, tenantId, facts, createdAtMs, updatedAtMs }, version) => ({
    id,
    tenant: tenantId,
    ...facts,
    version,
    createdAt: new Date(createdAtMs).toISOString(),
    updatedAt: new Date(updatedAtMs).toISOString(),
  }),
};

/** @throws AppError `not-found` (tenant), `already-exists` when another project has the key */
export function createProject(registry: Registry, request: ChangeRequest, { key, name, blocked }: ProjectCreate): Promise<Answer<ProjectView>> {
  const id = registry.ids.next('prj');
  return changeFacts(registry, request, projects, id, { kind: 'create', tenantId: request.tenantId, id, facts: { key, name, blocked: blocked ?? false }, atMs: request.meta.atMs });
}

/** @throws AppError `not-found`, `already-exists`, `version-mismatch` */
export function updateProject(registry: Registry, request: ChangeRequest, id: string, patch: ProjectPatch): Promise<Answer<ProjectView>> {
  return changeFacts(registry, request, projects, id, { kind: 'change', changes: patch, atMs: request.meta.atMs });
}

export function projectRecord({ tenantId, id, status, facts }: FactsState<ProjectFacts>, version: number): CatalogChanged {
  return { version, entry: { $case: 'project', value: { tenantId, projectId: id, deleted: status === 'deleted', ...facts } } };
}
