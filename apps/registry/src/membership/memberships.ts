import type { MembershipPut, MembershipView } from '@hooklane/contracts/rest';
import { factsAggregate } from '../facts-aggregate.js';
import { changeFacts, factsView, readFacts, type FactsShown } from '../facts-use-cases.js';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { projects } from '../project/projects.js';
import { users } from '../user/users.js';

export interface MembershipFacts {
  readonly project: string;
  readonly user: string;
  readonly role: MembershipView['role'];
}

export const membershipAggregate = factsAggregate<'Membership', MembershipFacts>('membership', 'Membership', { project: '', user: '', role: 'viewer' });

export const memberships: FactsShown<'Membership', MembershipFacts, MembershipView> = {
  aggregate: membershipAggregate,
  list: 'memberships',
  view: factsView,
};

export const membershipId = (project: string, user: string): string => `${project}/${user}`;

/** @throws AppError `not-found` (tenant, project or user), `version-mismatch` */
export async function putMembership(registry: Registry, request: ChangeRequest, project: string, user: string, { role }: MembershipPut): Promise<Answer<MembershipView>> {
  const { tenantId, meta } = request;
  await readFacts(registry, tenantId, projects, project);
  await readFacts(registry, tenantId, users, user);
  const id = membershipId(project, user);
  return changeFacts(registry, request, memberships, id, { kind: 'put', tenantId, id, facts: { project, user, role }, atMs: meta.atMs });
}
