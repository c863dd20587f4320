import type { DomainEvent } from '@hooklane/event-sourcing';
import { AppError, isAppError } from '@hooklane/kernel';
import { apiKeyAggregate, type ApiKeyState } from '../api-key/api-key.decider.js';
import { eventTypeAggregate } from '../event-type/event-type.decider.js';
import { hookAggregate } from '../hook/hook.decider.js';
import { membershipAggregate } from '../membership/memberships.js';
import type { Aggregate, AggregateState, Answer, ChangeRequest, Registry, Stored } from '../ports.js';
import { projectAggregate } from '../project/projects.js';
import { sourceAggregate } from '../source/source.decider.js';
import { userAggregate } from '../user/users.js';
import { tenantAggregate, type TenantCommand } from './tenant.decider.js';

type Ending = { readonly kind: 'delete' | 'revoke'; readonly atMs: number };
type Member = Aggregate<AggregateState, Ending, DomainEvent>;

/** Hooks first: what they still wait for is settled soonest. */
const MEMBERS = [hookAggregate, sourceAggregate, apiKeyAggregate, eventTypeAggregate, membershipAggregate, projectAggregate, userAggregate] as unknown as readonly Member[];
/** Ended at the same time; the log takes them together. */
const AT_ONCE = 50;

/**
 * Deletes the tenant, and then all that is in it: from the first moment on nothing can be published or made there. When it was cut off on the way, asking again goes on with the rest.
 * @param isOperator whether the key is the platform's: a tenant does not delete itself
 * @throws AppError `not-found`, `missing-scope`, `version-mismatch`
 */
export async function deleteTenant(registry: Registry, request: ChangeRequest, isOperator: boolean): Promise<Answer<null>> {
  if (!isOperator) throw new AppError('missing-scope', 'Only a key of the platform may delete a tenant.');
  const refused = await endTenant(registry, request);
  const ended = await endMembers(registry, { ...request, idempotencyKey: null, ifMatch: null });
  if (refused && ended === 0) throw refused;
  return { status: 204, version: null, body: null };
}

/** @returns why not, of one that was deleted before */
async function endTenant(registry: Registry, request: ChangeRequest): Promise<AppError | null> {
  try {
    await registry.changes.execute({
      aggregate: tenantAggregate,
      id: request.tenantId,
      request,
      command: (): TenantCommand => ({ kind: 'delete', atMs: request.meta.atMs }),
      answer: () => ({ status: 204, version: null, body: null }),
    });
    return null;
  } catch (error) {
    if (isAppError(error, 'not-found')) return error;
    throw error;
  }
}

async function endMembers(registry: Registry, request: ChangeRequest): Promise<number> {
  let ended = 0;
  for (const aggregate of MEMBERS) {
    for (let after: string | null = null; ; ) {
      const page: readonly Stored<AggregateState>[] = await registry.reads.page<AggregateState>(aggregate, request.tenantId, { after, limit: AT_ONCE });
      const living = page.filter(({ state }) => (state as Partial<ApiKeyState>).revoked !== true);
      await Promise.all(living.map(({ id }) => end(registry, request, aggregate, id)));
      ended += living.length;
      if (page.length < AT_ONCE) break;
      after = page.at(-1)!.id;
    }
  }
  return ended;
}

async function end(registry: Registry, request: ChangeRequest, aggregate: Member, id: string): Promise<void> {
  try {
    // Keys are revoked and stay listed; everything else is deleted.
    const kind = aggregate.kind === 'api-key' ? 'revoke' : 'delete';
    await registry.changes.execute({ aggregate, id, request, command: (): Ending => ({ kind, atMs: request.meta.atMs }), answer: () => ({ status: 204, version: null, body: null }) });
  } catch (error) {
    // Somebody else was faster.
    if (!isAppError(error, 'not-found')) throw error;
  }
}
