import { decodeDeliveriesRequested, decodeEventAccepted, DeliveriesRequested, DeliveryOutcome, Topics, type EventAccepted, type LaneCommand } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import { AppError, type Clock, type IdSource } from '@hooklane/kernel';
import { OutcomeHistory } from '../lanes/take-over.js';
import type { HookProfiles } from '../owner/hook-profile.js';
import type { DeliveryStates, HookTable, OutcomeLog } from '../ports.js';
import { hookOfTenant } from './hook-lanes.js';
import type { PastLane } from './past-lane.js';

export interface ResendsParts {
  readonly pastLane: PastLane;
  readonly hooks: HookTable;
  readonly profiles: HookProfiles;
  readonly log: OutcomeLog;
  readonly states: DeliveryStates;
  readonly clock: Clock;
  readonly ids: IdSource;
  partitionOf(hookId: string): number;
}

export type Resent =
  /** It had its fate: one request, past the lane. */
  | { readonly kind: 'attempt'; readonly outcome: DeliveryOutcome; readonly event: EventAccepted }
  /** It waits: its lane is told to try it now, if it is its turn. */
  | { readonly kind: 'retry-now'; readonly commandId: string };

interface Place {
  readonly partition: number;
  readonly offset: number;
  readonly hookId: string;
}

const DELIVERY_ID = /^dlv_(\d{1,9})_(\d{1,15})_(.{1,200})$/;

/** Brings one delivery to its receiver again: the bytes of its record in the log, rendered and signed as the hook is now. */
export class Resends {
  constructor(private readonly parts: ResendsParts) {}

  /** @throws AppError `not-found`, `expired` for what the log no longer holds */
  async run(tenantId: string, deliveryId: string, actor: string): Promise<Resent> {
    const place = placeOf(deliveryId);
    const hook = hookOfTenant(this.parts.hooks, tenantId, place.hookId);
    const event = await this.eventOf(tenantId, place);
    if (!(await this.isSettled(place))) return { kind: 'retry-now', commandId: await this.retryNow(tenantId, deliveryId, place, actor) };
    const { outcome } = await this.parts.pastLane.send({
      hook,
      profile: this.parts.profiles.of(hook),
      event,
      trigger: 'resend',
      delivery: { id: deliveryId, requestOffset: place.offset },
      keepsBody: false,
      render: (renderer, timestampMs) => renderer.render({ event, attemptNumber: 1, timestampMs }),
    });
    return { kind: 'attempt', outcome, event };
  }

  private async eventOf(tenantId: string, { partition, offset, hookId }: Place): Promise<EventAccepted> {
    const { log, partitionOf } = this.parts;
    if (partitionOf(hookId) !== partition) throw notFound();
    const { first, next } = (await log.bounds(Topics.deliveriesRequested))[partition] ?? { first: 0, next: 0 };
    if (offset >= next) throw notFound();
    if (offset < first) throw new AppError('expired', 'The log no longer holds this delivery. A replay makes it again, for as long as the events are kept.');
    const record = await this.recordAt(partition, offset);
    const { kind } = record ? decodeDeliveriesRequested(record.value) : { kind: undefined };
    if (kind?.$case !== 'request' || !record?.attachment || kind.value.tenantId !== tenantId || !kind.value.hooks.some((hook) => hook.hookId === hookId)) throw notFound();
    const event = decodeEventAccepted(record.attachment);
    if (event.tenantId !== tenantId) throw notFound();
    return event;
  }

  private async recordAt(partition: number, offset: number): Promise<LogRecord | undefined> {
    for await (const records of this.parts.log.read({ topic: Topics.deliveriesRequested, partition, from: offset, to: offset + 1 })) return records.find((record) => record.offset === offset);
    return undefined;
  }

  /** What is below the watermark and not parked has its fate; above it, the outcomes say so that a new owner would read. */
  private async isSettled({ partition, offset, hookId }: Place): Promise<boolean> {
    const { states, log } = this.parts;
    const { isParked, watermark, outcomesFrom } = await states.find(partition, offset, hookId);
    if (isParked) return false;
    if (offset < watermark) return true;
    const { first, next } = (await log.bounds(Topics.deliveryOutcomes))[partition] ?? { first: 0, next: 0 };
    const history = new OutcomeHistory();
    const from = Math.max(outcomesFrom, first);
    if (from < next) for await (const records of log.read({ topic: Topics.deliveryOutcomes, partition, from, to: next })) for (const { value } of records) history.add(DeliveryOutcome.decode(value));
    return history.isSettled(offset, hookId);
  }

  private async retryNow(tenantId: string, deliveryId: string, { partition, hookId }: Place, actor: string): Promise<string> {
    const { log, ids, clock } = this.parts;
    const command: LaneCommand = { commandId: ids.next('cmd'), tenantId, hookId, kind: 'retry-now', deliveryId, attempt: 0, epoch: 0, actor, reason: 'resend', atMs: clock.nowMs(), position: 0 };
    await log.append([{ topic: Topics.deliveriesRequested, partition, key: null, value: DeliveriesRequested.encode({ kind: { $case: 'command', value: command } }).finish() }]);
    return command.commandId;
  }
}

function placeOf(deliveryId: string): Place {
  const [, partition, offset, hookId] = DELIVERY_ID.exec(deliveryId) ?? [];
  if (hookId === undefined) throw notFound();
  return { partition: Number(partition), offset: Number(offset), hookId };
}

function notFound(): AppError {
  return new AppError('not-found', 'There is no such delivery.');
}
