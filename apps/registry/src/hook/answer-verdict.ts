import type { DeliveryOutcome } from '@hooklane/contracts/topics';
import type { Registry } from '../ports.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';

/**
 * The owner of a hook's lane says that the hook has used up its failures, or that its receiver is gone for good. Disables the hook unless the verdict was
 * overtaken by an enabling or a new policy; a verdict that comes again (every 60 s until it is answered) changes nothing more.
 */
export async function answerVerdict(registry: Pick<Registry, 'changes' | 'clock'>, outcome: DeliveryOutcome): Promise<void> {
  const { tenantId, hookId, deliveryId, verdict } = outcome;
  if (!verdict) return;
  const atMs = registry.clock.nowMs();
  const { enabledEpoch, policyVersion, count, reason } = verdict;
  await registry.changes.record({
    aggregate: hookAggregate,
    id: hookId,
    request: { tenantId, idempotencyKey: null, fingerprint: '', ifMatch: null, meta: { actor: 'system:delivery', atMs, reason: sentenceOf(reason, count), requestId: deliveryId } },
    command: (): HookCommand => ({ kind: 'verdict', enabledEpoch, policyVersion, count, reason, atMs }),
    answer: ({ version }) => ({ status: 200, version, body: null }),
  });
}

function sentenceOf(reason: string, count: number): string {
  return reason === 'gone' ? 'The receiver answered 410 Gone.' : `${count} failing attempts: the limit of the hook's disable policy.`;
}
