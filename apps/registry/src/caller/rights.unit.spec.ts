import { describe, expect, it } from '@jest/globals';
import type { Scope } from '@hooklane/contracts';
import type { MemberRole, UserRole } from '../ports.js';
import { callerOf } from './rights.js';

const caller = (role: UserRole | null, scopes: readonly Scope[] | null, memberships: Record<string, MemberRole> = {}) => {
  const user = role && { id: 'usr_1', number: 1, userName: 'ana', name: 'Ana', email: null, role, memberships: new Map(Object.entries(memberships)) };
  const made = callerOf({ tenantId: 'acme', actor: 'x', user, scopes: scopes && new Set(scopes) });
  return [made.role, made.mayRead(), made.mayWrite(), made.projectRole('p'), made.mayAdministrate('p')];
};

describe('the rights of who calls a dialect\'s API', () => {
  it.each([
    ['a key that writes', null, ['hooks:write'], ['admin', true, true, 'admin', true]],
    ['an admin key', null, ['admin'], ['admin', true, true, 'admin', true]],
    ['a key that reads', null, ['hooks:read'], ['viewer', true, false, 'viewer', false]],
    ['a key for something else', null, ['publish', 'log:read'], ['viewer', false, false, null, false]],
    ['an owner', 'owner', null, ['owner', true, true, 'admin', true]],
    ['an admin', 'admin', null, ['admin', true, true, 'admin', true]],
    ['a stranger to the project', 'member', null, ['member', false, false, null, false]],
  ] as const)('%s', (_, role, scopes, rights) => {
    expect(caller(role, scopes)).toEqual(rights);
  });

  it.each(['admin', 'member', 'viewer', 'product-owner', 'scrum-master'] as const)('of a project\'s %s are of that project only', (role) => {
    expect(caller('viewer', null, { p: role })).toEqual(['viewer', false, false, role, role === 'admin']);
    expect(caller('member', null, { q: role })).toEqual(['member', false, false, null, false]);
  });

  it('through a key are those of user and key together', () => {
    expect(caller('owner', ['hooks:read'])).toEqual(['owner', true, false, 'viewer', false]);
    expect(caller('owner', ['publish'])).toEqual(['owner', false, false, null, false]);
    expect(caller('member', ['hooks:write'], { p: 'scrum-master' })).toEqual(['member', false, false, 'scrum-master', false]);
    expect(caller('member', ['hooks:read'], { p: 'admin' })).toEqual(['member', false, false, 'viewer', false]);
    expect(caller('member', ['publish'], { p: 'admin' })).toEqual(['member', false, false, null, false]);
  });
});
