import { DeliveryOutcome, EventAccepted, Topics } from '@hooklane/contracts/topics';
import type { Clock, IdSource } from '@hooklane/kernel';
import type { Rendered } from '@hooklane/dialects';
import { classify, type SendFailureCode, type SendResult } from '../attempt/classify.js';
import type { HookProfile, HookProfiles } from '../owner/hook-profile.js';
import { attemptResultOf, encodeOutcome } from '../owner/outcome-record.js';
import type { HookTable, HttpSender, OutcomeLog, SendTimings } from '../ports.js';
import { hookOfTenant } from './hook-lanes.js';

export interface HookTestsParts {
  readonly hooks: HookTable;
  readonly profiles: HookProfiles;
  readonly sender: HttpSender;
  readonly log: OutcomeLog;
  readonly clock: Clock;
  readonly ids: IdSource;
  partitionOf(hookId: string): number;
}

export interface TestSample {
  readonly type: string;
  readonly project: string;
  readonly data: Buffer;
}

/**
 * Sends one request past the lane and logs it with the trigger `test`. It touches neither the failure counter nor the colour, and works for a disabled hook too:
 * trying out is what one does before enabling.
 */
export class HookTests {
  constructor(private readonly parts: HookTestsParts) {}

  /** @throws AppError `not-found` */
  async run(tenantId: string, hookId: string, sample: TestSample): Promise<DeliveryOutcome> {
    const { hooks, profiles, clock, ids, log, partitionOf } = this.parts;
    const hook = hookOfTenant(hooks, tenantId, hookId);
    const profile = profiles.of(hook);
    const startedAtMs = clock.nowMs();
    const event: EventAccepted = {
      ...EventAccepted.decode(new Uint8Array(0)),
      tenantId, eventId: ids.next('evt'), type: sample.type, project: sample.project, occurredAtMs: startedAtMs, acceptedAtMs: startedAtMs, contentType: 'application/json', data: sample.data,
    };
    const rendered = profile.target?.renderer.render({ event, attemptNumber: 1, timestampMs: startedAtMs }) ?? null;
    const { result, timings } = await this.send(profile, rendered, tenantId);
    const classified = classify(result, profile.dialect);
    // The test's data stands in no topic, so the log keeps the body that was sent.
    const story = { attemptId: ids.next('att'), number: 1, startedAtMs, profile, rendered: rendered?.ok ? { ...rendered, bodyIsEventData: false } : rendered, classified, result, timings };
    const outcome: DeliveryOutcome = {
      ...DeliveryOutcome.decode(new Uint8Array(0)),
      tenantId, hookId, eventId: event.eventId, enabledEpoch: hook.enabledEpoch, hookVersion: hook.version, trigger: 'test', atMs: clock.nowMs(),
      attempt: attemptResultOf(story), eventType: event.type, project: event.project, eventAcceptedAtMs: startedAtMs,
    };
    await log.append([{ topic: Topics.deliveryOutcomes, partition: partitionOf(hookId), key: null, value: encodeOutcome(outcome) }]);
    return outcome;
  }

  private send(profile: HookProfile, rendered: Rendered | null, tenantId: string): Promise<{ result: Exclude<SendResult, { kind: 'not-started' }>; timings: SendTimings }> {
    const { sender, profiles, hooks } = this.parts;
    const { target, problem } = profile;
    if (!target || !rendered?.ok) {
      const code: SendFailureCode = problem?.code ?? 'invalid-request';
      return Promise.resolve({ result: { kind: 'failure', code, detail: problem?.sentence ?? '' }, timings: { connectUs: 0, firstByteUs: 0, totalUs: 0 } });
    }
    return new Promise((resolve) => {
      sender.send({
        origin: target.origin,
        path: target.path,
        headers: rendered.headers,
        body: rendered.body,
        timeoutMs: profile.timeoutMs,
        tls: target.tls,
        targets: profiles.policyOf(hooks.tenant(tenantId)),
        mayStart: () => true,
        completed: (result, timings) => resolve({ result: result as Exclude<SendResult, { kind: 'not-started' }>, timings }),
      });
    });
  }
}
