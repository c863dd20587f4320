import type { LaneCommandGiven } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import type { LaneCommandKind } from './hook-state.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';

export interface LaneWish {
  readonly command: LaneCommandKind;
  readonly deliveryId?: string | undefined;
  readonly attempt?: number | undefined;
}

/**
 * Tells the lane of a hook something. It stands in the hook's history, from where it goes to the log; the answer comes when the log has it, and the lane
 * obeys when it reads it. A lane for which it no longer fits by then does nothing.
 * @throws AppError `not-found`, `version-mismatch`, `invalid-command` for a delivery that is not the hook's, `invalid-state` where no lane of such a hook could do it
 */
export function commandLane(registry: Registry, request: ChangeRequest, hookId: string, { command, deliveryId = '', attempt = 0 }: LaneWish): Promise<Answer<LaneCommandGiven>> {
  const commandId = registry.ids.next('cmd');
  return registry.changes.execute({
    aggregate: hookAggregate,
    id: hookId,
    request,
    command(state): HookCommand {
      if (state.status === 'live' && deliveryId !== '') assertOwn(deliveryId, `dlv_${registry.lanePartitionOf(hookId)}_`, hookId);
      return { kind: 'command-lane', command, commandId, deliveryId, attempt, atMs: request.meta.atMs };
    },
    answer: () => ({ status: 202, version: null, body: { commandId } }),
  });
}

/** `dlv_<partition>_<offset>_<hook id>` says whose it is. */
function assertOwn(deliveryId: string, beginning: string, hookId: string): void {
  const isOwn = deliveryId.startsWith(beginning) && deliveryId.slice(beginning.length).replace(/^\d+_/, '') === hookId;
  if (isOwn) return;
  const message = 'Is not a delivery of this hook.';
  throw new AppError('invalid-command', `${deliveryId} is not a delivery of ${hookId}.`, { publicMessage: message, details: { errors: [{ pointer: '/deliveryId', message }] } });
}
