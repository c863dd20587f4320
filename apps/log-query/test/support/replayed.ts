import { DeliveriesRequested, EventAccepted, Topics, type DeliveryOutcome, type DeliveryRequest, type LaneCommand } from '@hooklane/contracts/topics';
import { RequestFold } from '@hooklane/routing';
import type { LogUnderTest } from './log-service.js';
import { outcomeMessage } from './rows.js';

export const REPLAY_KEY = 'hl_key-that-may-replay';

export interface Made {
  readonly eventId: string;
  readonly offset: number;
  readonly acceptedAtMs: number;
}

/** An event, its request to one hook and, but for `pending`, what came of it. */
export async function delivery(log: LogUnderTest, eventId: string, fate: string, part: { hookId?: string; reason?: string; hookVersion?: number; event?: Partial<EventAccepted>; partition?: number } = {}): Promise<Made> {
  const { hookId = 'hook_1', reason = '', hookVersion = 1, partition = 0 } = part;
  // An ingest process of its own: after a restart of the log the support counts from the beginning again.
  const event = await log.event({ eventId, incarnation: `ingest-of-${eventId}`, data: Buffer.from(`{"id":"${eventId}"}`), ...part.event });
  const { acceptedAtMs, tenantId, type: eventType, project } = EventAccepted.decode(event.value);
  const offset = await log.request(event, [hookId], {}, partition);
  const made = { eventId, offset, acceptedAtMs };
  if (fate !== 'pending') await settle(log, made, fate, { tenantId, hookId, eventType, project, fateReason: reason, hookVersion }, partition);
  return made;
}

/** What came of a delivery, as its lane's owner says it. */
export async function settle(log: LogUnderTest, { eventId, offset, acceptedAtMs }: Made, fate: string, part: Partial<DeliveryOutcome> = {}, partition = 0): Promise<void> {
  const hookId = part.hookId ?? 'hook_1';
  const attempt = fate === 'delivered' ? outcomeMessage().attempt : undefined;
  await log.outcome({ eventId, requestOffset: offset, deliveryId: `dlv_${partition}_${offset}_${hookId}`, eventAcceptedAtMs: acceptedAtMs, attempt, fate, ...part, hookId }, partition);
}

export interface Requested extends DeliveryRequest {
  readonly offset: number;
  /** The event that was attached. */
  readonly event: EventAccepted;
}

/** Requests of a partition that replays made, without what the fold drops; hooks as it leaves them. */
export async function replayed(log: LogUnderTest, partition = 0): Promise<readonly Requested[]> {
  const fold = new RequestFold();
  const requests: Requested[] = [];
  for await (const records of log.context.log.read({ topic: Topics.deliveriesRequested, partition, from: 0, to: Number.MAX_SAFE_INTEGER })) {
    for (const { value, offset, attachment } of records) {
      const { kind } = DeliveriesRequested.decode(value);
      if (kind?.$case !== 'request') continue;
      const hooks = [...fold.accept(kind.value)];
      if (hooks.length > 0 && kind.value.replayId !== '') requests.push({ ...kind.value, hooks, offset, event: EventAccepted.decode(attachment ?? Buffer.alloc(0)) });
    }
  }
  return requests;
}

export async function commands(log: LogUnderTest, partition = 0): Promise<readonly LaneCommand[]> {
  const found: LaneCommand[] = [];
  for await (const records of log.context.log.read({ topic: Topics.deliveriesRequested, partition, from: 0, to: Number.MAX_SAFE_INTEGER })) {
    for (const { value } of records) {
      const { kind } = DeliveriesRequested.decode(value);
      if (kind?.$case === 'command') found.push(kind.value);
    }
  }
  return found;
}
