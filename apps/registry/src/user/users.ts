import type { UserCreate, UserView } from '@hooklane/contracts/rest';
import { factsAggregate } from '../facts-aggregate.js';
import { createFacts, factsView, type FactsShown } from '../facts-use-cases.js';
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
  view: (state, version) => ({ id: state.id, ...factsView(state, version) }),
};

/** @throws AppError `not-found` (tenant) */
export function createUser(registry: Registry, request: ChangeRequest, { name, email, role }: UserCreate): Promise<Answer<UserView>> {
  return createFacts(registry, request, users, registry.ids.next('usr'), { name, email: email ?? null, role: role ?? 'member' });
}
