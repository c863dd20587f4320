import type { UserCreate, UserPatch, UserView } from '@hooklane/contracts/rest';
import { factsAggregate } from '../facts-aggregate.js';
import { changeFacts, type FactsShown } from '../facts-use-cases.js';
import type { Answer, ChangeRequest, Registry } from '../ports.js';

export interface UserFacts {
  readonly name: string;
  readonly email: string | null;
  readonly role: UserView['role'];
}

export const userAggregate = factsAggregate<'User', UserFacts>('user', 'User', { name: '', email: null, role: 'viewer' });

export const users: FactsShown<'User', UserFacts, UserView> = {
  aggregate: userAggregate,
  list: 'users',
  view: ({ id, tenantId, facts, createdAtMs, updatedAtMs }, version) => ({
    id,
    tenant: tenantId,
    ...facts,
    version,
    createdAt: new Date(createdAtMs).toISOString(),
    updatedAt: new Date(updatedAtMs).toISOString(),
  }),
};

/** @throws AppError `not-found` (tenant) */
export function createUser(registry: Registry, request: ChangeRequest, { name, email, role }: UserCreate): Promise<Answer<UserView>> {
  const id = registry.ids.next('usr');
  return changeFacts(registry, request, users, id, { kind: 'create', tenantId: request.tenantId, id, facts: { name, email: email ?? null, role: role ?? 'member' }, atMs: request.meta.atMs });
}

/** @throws AppError `not-found`, `version-mismatch` */
export function updateUser(registry: Registry, request: ChangeRequest, id: string, patch: UserPatch): Promise<Answer<UserView>> {
  return changeFacts(registry, request, users, id, { kind: 'change', changes: patch, atMs: request.meta.atMs });
}
