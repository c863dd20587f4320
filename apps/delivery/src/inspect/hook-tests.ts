import { EventAccepted, type DeliveryOutcome } from '@hooklane/contracts/topics';
import type { Clock, IdSource } from '@hooklane/kernel';
import type { HookTable } from '../ports.js';
import { hookOfTenant } from './hook-lanes.js';
import type { PastLane } from './past-lane.js';

export interface TestSample {
  readonly type: string;
  readonly project: string;
  readonly data: Buffer;
}

/** Sends one request past the lane and logs it with the trigger `test`. Works for a disabled hook too: trying out is what one does before enabling. */
export class HookTests {
  constructor(
    private readonly pastLane: PastLane,
    private readonly hooks: HookTable,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /** @throws AppError `not-found` */
  async run(tenantId: string, hookId: string, sample: TestSample): Promise<DeliveryOutcome> {
    const hook = hookOfTenant(this.hooks, tenantId, hookId);
    const nowMs = this.clock.nowMs();
    const event: EventAccepted = {
      ...EventAccepted.decode(new Uint8Array(0)),
      tenantId, eventId: this.ids.next('evt'), type: sample.type, project: sample.project, occurredAtMs: nowMs, acceptedAtMs: nowMs, contentType: 'application/json', data: sample.data,
    };
    return this.pastLane.send({ hook, event, trigger: 'test', delivery: null, keepsBody: true });
  }
}
