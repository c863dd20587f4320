import { AppError } from '@hooklane/kernel';
import type { Principal } from '@hooklane/directory';
import { checkedIdempotencyKey } from '@hooklane/service-host';
import type { ChangeRequest, Registry } from '../ports.js';

/** What a transport knows of a request that changes something, as it came. */
export interface ChangeFacts {
  readonly principal: Principal;
  readonly tenantId: string;
  readonly idempotencyKey: string | null;
  readonly ifMatch: string | null;
  readonly reason: string;
  readonly requestId: string | null;
  readonly fingerprint: string;
}

const REASON_LENGTH_MAX = 500;

/** @throws AppError `invalid-request` naming the header or field that does not fit */
export function changeRequest({ clock, ids }: Pick<Registry, 'clock' | 'ids'>, facts: ChangeFacts): ChangeRequest {
  const requestId = facts.requestId !== null && /^[A-Za-z0-9._:-]{1,128}$/.test(facts.requestId) ? facts.requestId : ids.next('req');
  return {
    tenantId: facts.tenantId,
    idempotencyKey: facts.idempotencyKey === null ? null : checkedIdempotencyKey(facts.idempotencyKey),
    ifMatch: facts.ifMatch === null ? null : versionsOf(facts.ifMatch),
    fingerprint: facts.fingerprint,
    meta: { actor: facts.principal.actor, atMs: clock.nowMs(), reason: checkedReason(facts.reason), requestId },
  };
}

/** By it the console says that a person made something there, by hand. */
export const CLIENT_HEADER = 'hooklane-client';

export function originOf(client: unknown): 'console' | 'api' {
  return client === 'console' ? 'console' : 'api';
}

/** A reason in the body counts before the header's. */
export function because(request: ChangeRequest, reason: string | undefined): ChangeRequest {
  return reason === undefined ? request : { ...request, meta: { ...request.meta, reason } };
}

function checkedReason(reason: string): string {
  // eslint-disable-next-line no-control-regex
  if (reason.length <= REASON_LENGTH_MAX && !/[\u0000-\u001f\u007f]/.test(reason)) return reason;
  throw badField('Hooklane-Reason', `Must be one line of at most ${REASON_LENGTH_MAX} characters.`);
}

/** `*`: any; else a list of entity tags (RFC 9110, 13.1.1). A weak tag never matches; text that is none of ours matches nothing. */
function versionsOf(ifMatch: string): readonly number[] | null {
  if (ifMatch.trim() === '*') return null;
  return ifMatch.split(',').flatMap((tag) => {
    const match = /^\s*"?(\d{1,9})"?\s*$/.exec(tag);
    return match ? [Number(match[1])] : [];
  });
}

function badField(name: string, message: string): AppError {
  return new AppError('invalid-request', `${name}: ${message}`, { details: { errors: [{ pointer: '', in: 'header', name, message }] } });
}
