import type { Caller, ChangeRequest, Registry } from '../../ports.js';

/** The request of a use case, on behalf of who calls a dialect's admin API. Their clients know neither Idempotency-Key nor If-Match. */
export function changeRequestOf({ clock, ids }: Pick<Registry, 'clock' | 'ids'>, caller: Pick<Caller, 'tenantId' | 'actor'>): ChangeRequest {
  return {
    tenantId: caller.tenantId,
    idempotencyKey: null,
    fingerprint: '',
    ifMatch: null,
    meta: { actor: caller.actor, atMs: clock.nowMs(), reason: '', requestId: ids.next('req') },
  };
}
