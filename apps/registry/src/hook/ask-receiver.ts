import { dialectOf, sampleContextOf, sampleOfDialect, type Dialect } from '@hooklane/dialects';
import { AppError } from '@hooklane/kernel';
import type { ChangeRequest, Registry, SentOutcome } from '../ports.js';
import { hookChangedOf } from './hook-record.js';
import { hookAggregate, type HookCommand } from './hook.decider.js';
import type { HookState } from './hook-state.js';

/** How much of its answer a refusal repeats. */
const ANSWER_BYTES_MAX = 1_024;

/**
 * What a change does before it is made: where it would make a hook send whose dialect asks first, the receiver has to answer a sample well (W13, W24).
 * @param command made of the hook as it is, or of none
 * @throws AppError `receiver-refused` with what was answered, `peer-unavailable`
 */
export async function askReceiver(
  registry: Pick<Registry, 'reads' | 'receivers'>,
  request: ChangeRequest,
  hookId: string,
  command: (state: HookState) => HookCommand,
  dialectFor: (name: string) => Pick<Dialect, 'catalogue' | 'probes'> = dialectOf,
): Promise<void> {
  const { tenantId, meta } = request;
  const found = await registry.reads.find<HookState>(hookAggregate, tenantId, hookId);
  const before = found?.state ?? hookAggregate.initial();
  const after = hookAggregate.decide(command(before), before).reduce(hookAggregate.evolve, before);
  if (after.status !== 'live' || !after.enabled || before.enabled) return;
  const { catalogue, probes } = dialectFor(after.dialect);
  if (!probes) return;
  const sample = sampleOfDialect(catalogue, { type: undefined, eventTypes: after.config.eventTypes }, sampleContextOf(meta.actor, '', meta.atMs));
  if (!sample) return;
  const hook = hookChangedOf(after, found?.version ?? 0);
  assertAnswered(await registry.receivers.probe({ tenantId, hook, sample: { type: sample.type, project: '', data: Buffer.from(sample.data) }, actor: meta.actor }));
}

function assertAnswered({ outcome: { attempt } }: SentOutcome): void {
  if (!attempt || attempt.outcomeClass === 'success') return;
  const { errorCode, errorSentence, status, responseBody } = attempt;
  const answer = responseBody.subarray(0, ANSWER_BYTES_MAX).toString('utf8');
  throw new AppError('receiver-refused', errorSentence, { details: { errors: [{ pointer: '/url', message: errorSentence }], errorCode, status: status || null, answer } });
}
