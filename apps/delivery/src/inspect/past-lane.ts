import { DeliveryOutcome, Topics, type HookChanged } from '@hooklane/contracts/topics';
import type { HookRenderer, Rendered } from '@hooklane/dialects';
import type { Clock, IdSource } from '@hooklane/kernel';
import { classify, type SendFailureCode, type SendResult } from '../attempt/classify.js';
import type { HookProfile, HookProfiles } from '../owner/hook-profile.js';
import { attemptResultOf, encodeOutcome } from '../owner/outcome-record.js';
import type { HookTable, HttpSender, OutcomeLog, SendTimings } from '../ports.js';

export interface PastLaneParts {
  readonly hooks: HookTable;
  readonly profiles: HookProfiles;
  readonly sender: HttpSender;
  readonly log: OutcomeLog;
  readonly clock: Clock;
  readonly ids: IdSource;
  partitionOf(hookId: string): number;
}

/** A request that goes past the lane. */
export interface PastLaneRequest {
  readonly hook: HookChanged;
  readonly profile: HookProfile;
  readonly event: { readonly eventId: string; readonly type: string; readonly project: string; readonly acceptedAtMs: number };
  readonly trigger: 'test' | 'probe' | 'resend';
  /** The delivery that it repeats; null: none. */
  readonly delivery: { readonly id: string; readonly requestOffset: number } | null;
  /** The event stands in no topic, so the log keeps the body that was sent. */
  readonly keepsBody: boolean;
  render(renderer: HookRenderer, timestampMs: number): Rendered;
}

/** What it came to, and where the log keeps it. */
export interface Sent {
  readonly outcome: DeliveryOutcome;
  readonly place: { readonly partition: number; readonly offset: number };
}

/** Sends one request past the lane, now, and logs it. It settles nothing, and touches neither the failure counter nor the colour. */
export class PastLane {
  constructor(private readonly parts: PastLaneParts) {}

  async send({ hook, profile, event, trigger, delivery, keepsBody, render }: PastLaneRequest): Promise<Sent> {
    const { clock, ids, log, partitionOf } = this.parts;
    const { tenantId, hookId } = hook;
    const startedAtMs = clock.nowMs();
    const rendered = profile.target ? render(profile.target.renderer, startedAtMs) : null;
    const { result, timings } = await this.request(profile, rendered, tenantId);
    const classified = classify(result, profile.options);
    const shown = rendered?.ok && keepsBody ? { ...rendered, bodyIsEventData: false } : rendered;
    const outcome: DeliveryOutcome = {
      ...DeliveryOutcome.decode(new Uint8Array(0)),
      tenantId, hookId, eventId: event.eventId, deliveryId: delivery?.id ?? '', requestOffset: delivery?.requestOffset ?? 0,
      enabledEpoch: hook.enabledEpoch, hookVersion: hook.version, trigger, atMs: clock.nowMs(),
      attempt: attemptResultOf({ attemptId: ids.next('att'), number: 1, startedAtMs, profile, rendered: shown, classified, result, timings }),
      eventType: event.type, project: event.project, eventAcceptedAtMs: event.acceptedAtMs,
    };
    const partition = partitionOf(hookId);
    const [offset] = await log.append([{ topic: Topics.deliveryOutcomes, partition, key: null, value: encodeOutcome(outcome) }]);
    return { outcome, place: { partition, offset: offset as number } };
  }

  private request(profile: HookProfile, rendered: Rendered | null, tenantId: string): Promise<{ result: Exclude<SendResult, { kind: 'not-started' }>; timings: SendTimings }> {
    const { sender, profiles, hooks } = this.parts;
    const { target, problem } = profile;
    if (!target || !rendered?.ok) {
      const code: SendFailureCode = problem?.code ?? 'invalid-request';
      const detail = problem?.sentence ?? (rendered?.ok === false ? rendered.reason : '');
      return Promise.resolve({ result: { kind: 'failure', code, detail }, timings: { connectUs: 0, firstByteUs: 0, totalUs: 0 } });
    }
    return new Promise((resolve) => {
      sender.send({
        origin: target.origin,
        path: target.path,
        headers: rendered.headers,
        body: rendered.body,
        timeoutMs: profile.timeoutMs,
        connectTimeoutMs: profile.options.connectTimeoutMs,
        tls: target.tls,
        targets: profiles.policyOf(hooks.tenant(tenantId)),
        mayStart: () => true,
        completed: (result, timings) => resolve({ result: result as Exclude<SendResult, { kind: 'not-started' }>, timings }),
      });
    });
  }
}
