import type { Scope } from '@hooklane/contracts';
import type { Caller, CallerUser, MemberRole, UserRole } from '../ports.js';

/** What is known of who calls. */
export interface CallerFacts {
  readonly tenantId: string;
  readonly actor: string;
  /** With the roles of the memberships, by project; null for an API key that speaks for no user. */
  readonly user: (CallerUser & { readonly role: UserRole; readonly memberships: ReadonlyMap<string, MemberRole> }) | null;
  /** Of the API key; null: a session, which may do what its user may. */
  readonly scopes: ReadonlySet<Scope> | null;
}

/** A key never gives more than its scopes say, nor more than the user has for whom it speaks. */
export function callerOf({ tenantId, actor, user, scopes }: CallerFacts): Caller {
  const mayChange = scopes === null || scopes.has('admin') || scopes.has('hooks:write');
  const maySee = mayChange || (scopes?.has('hooks:read') ?? false);
  const rulesTenant = user === null || user.role === 'owner' || user.role === 'admin';
  const mayWrite = rulesTenant && mayChange;
  const mayRead = rulesTenant && maySee;
  const projectRole = (projectId: string): MemberRole | null => {
    if (mayWrite) return 'admin';
    if (mayRead) return 'viewer';
    const role = user?.memberships.get(projectId) ?? null;
    if (role === null || mayChange) return role;
    return maySee ? 'viewer' : null;
  };
  return {
    tenantId,
    actor,
    user: user && { id: user.id, number: user.number, userName: user.userName, name: user.name, email: user.email },
    role: user?.role ?? (mayChange ? 'admin' : 'viewer'),
    mayRead: () => mayRead,
    mayWrite: () => mayWrite,
    projectRole,
    mayAdministrate: (projectId) => projectRole(projectId) === 'admin',
  };
}
