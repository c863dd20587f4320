import { EventAccepted, type HookChanged } from '@hooklane/contracts/topics';
import { AppError, type Clock, type IdSource } from '@hooklane/kernel';
import type { HookProfiles } from '../owner/hook-profile.js';
import type { HookTable } from '../ports.js';
import { hookOfTenant } from './hook-lanes.js';
import type { PastLane, Sent } from './past-lane.js';
import { sampleEventOf, type SampleEvent, type TestWish } from './sample-event.js';

export interface ReceiversParts {
  readonly pastLane: PastLane;
  readonly hooks: HookTable;
  readonly profiles: HookProfiles;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** A request that the log has, to be made again. */
export interface StoredAttempt {
  readonly eventId: string;
  readonly eventType: string;
  readonly project: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: Buffer;
}

/** Tries receivers out, past the lanes and logged with the trigger that says so. Works for a disabled hook too: trying out is what one does before enabling. */
export class Receivers {
  constructor(private readonly parts: ReceiversParts) {}

  /** @throws AppError `not-found` for a hook that the tenant does not have */
  async test(tenantId: string, hookId: string, wish: TestWish, actor: string): Promise<Sent> {
    const hook = await this.hookOf(tenantId, hookId);
    return this.sendSample(hook, 'test', sampleEventOf(hook, wish, actor, this.parts.clock.nowMs()));
  }

  /** @param hook as it would be. @throws AppError `not-found` for one of another tenant */
  async probe(tenantId: string, hook: HookChanged, sample: SampleEvent): Promise<Sent> {
    if (hook.tenantId !== tenantId) throw new AppError('not-found', 'The hook to probe is of another tenant.', { publicMessage: 'There is no such hook.' });
    return this.sendSample(hook, 'probe', sample);
  }

  /** @throws AppError `not-found` for a hook that the tenant does not have */
  async resend(tenantId: string, hookId: string, { eventId, eventType, project, headers, body }: StoredAttempt): Promise<Sent> {
    const hook = await this.hookOf(tenantId, hookId);
    return this.parts.pastLane.send({
      hook,
      profile: this.parts.profiles.unkept(hook),
      event: { eventId, type: eventType, project, acceptedAtMs: this.parts.clock.nowMs() },
      trigger: 'resend',
      delivery: null,
      keepsBody: true,
      render: (renderer, timestampMs) => renderer.again({ eventId, headers, body, timestampMs }),
    });
  }

  /** With every change that was confirmed before the call. */
  private async hookOf(tenantId: string, hookId: string): Promise<HookChanged> {
    await this.parts.hooks.caughtUp();
    return hookOfTenant(this.parts.hooks, tenantId, hookId);
  }

  private sendSample(hook: HookChanged, trigger: 'test' | 'probe', { type, project, data }: SampleEvent): Promise<Sent> {
    const { pastLane, profiles, clock, ids } = this.parts;
    const nowMs = clock.nowMs();
    const event: EventAccepted = {
      ...EventAccepted.decode(new Uint8Array(0)),
      tenantId: hook.tenantId, eventId: ids.next('evt'), type, project, occurredAtMs: nowMs, acceptedAtMs: nowMs, contentType: 'application/json', data,
    };
    const render: Parameters<PastLane['send']>[0]['render'] = (renderer, timestampMs) => renderer.render({ event, attemptNumber: 1, timestampMs });
    return pastLane.send({ hook, profile: profiles.unkept(hook), event, trigger, delivery: null, keepsBody: true, render });
  }
}
