import type { UserCreate, UserPatch, UserView } from '@hooklane/contracts/rest';
import { factsAggregate, type FactsState } from '../facts-aggregate.js';
import { changeFacts, createFacts, factsView, updateFacts, type FactsShown } from '../facts-use-cases.js';
import type { Answer, ChangeRequest, Registry } from '../ports.js';

export interface UserFacts {
  readonly name: string;
  readonly email: string | null;
  readonly role: UserView['role'];
  /** What the user logs in with. Users from before there were logins lack this and what follows. */
  readonly userName?: string | null;
  /** The password's hash, sealed; null: none. */
  readonly sealedPassword?: string | null;
  readonly passwordSetAtMs?: number | null;
}

export const userAggregate = factsAggregate<'User', UserFacts>('user', 'User', { name: '', email: null, role: 'viewer', userName: null, sealedPassword: null, passwordSetAtMs: null });

export const users: FactsShown<'User', UserFacts, UserView> = { aggregate: userAggregate, list: 'users', view };

function view(state: FactsState<UserFacts>, version: number): UserView {
  const { sealedPassword: _, passwordSetAtMs, userName, ...shown } = factsView(state, version);
  return { id: state.id, ...shown, userName: userName ?? null, passwordSetAt: passwordSetAtMs ? new Date(passwordSetAtMs).toISOString() : null };
}

/** @throws AppError `not-found` (tenant), `already-exists` when another user has the user name */
export function createUser(registry: Registry, request: ChangeRequest, { name, userName, email, role }: UserCreate): Promise<Answer<UserView>> {
  return createFacts(registry, request, users, registry.ids.next('usr'), { name, userName: userName ?? null, email: email ?? null, role: role ?? 'member' });
}

/** @throws AppError `not-found`, `already-exists` when another user has the user name, `version-mismatch` */
export function updateUser(registry: Registry, request: ChangeRequest, user: string, patch: UserPatch): Promise<Answer<UserView>> {
  return updateFacts(registry, request, users, user, patch as Partial<UserFacts>);
}

/** @param password null: nobody can log in as the user any more. @throws AppError `not-found`, `version-mismatch` */
export async function setPassword(registry: Registry, request: ChangeRequest, user: string, password: string | null): Promise<Answer<UserView>> {
  const { tenantId, meta } = request;
  const sealedPassword = password === null ? null : registry.sealer.seal(await registry.passwords.hash(password), passwordContext(tenantId, user));
  const passwordSetAtMs = password === null ? null : meta.atMs;
  return changeFacts(registry, request, users, user, { kind: 'change', changes: { sealedPassword, passwordSetAtMs }, atMs: meta.atMs });
}

/** A hash that was put into another user's row does not open there. */
export const passwordContext = (tenantId: string, userId: string): string => `password/${tenantId}/${userId}`;
