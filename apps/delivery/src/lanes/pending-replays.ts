import type { Delivery } from './delivery.js';
import type { Lane } from './lane.js';

/** Replayed deliveries that a lane knows by the event they are for, wherever they wait. Of more than that the oldest are forgotten: then an event may be sent as often as it was replayed. */
export const MAX_KNOWN_REPLAYS = 10_000;

function isReplay({ request }: Delivery): boolean {
  return request.trigger === 'replay';
}

/**
 * Whether the delivery repeats an event that still waits for its fate here. Who replays leaves out what is pending (semantics.md "Replay"), and may know of it later than the lane:
 * two replays of the same events, one right after the other. Of what waits in Postgres only replays are known, and no longer after a take-over.
 */
export function isPendingAlready(lane: Lane, delivery: Delivery): boolean {
  if (!isReplay(delivery)) return false;
  const { eventId } = delivery.request;
  if (lane.replays?.has(eventId)) return true;
  const isSame = (other: Delivery | null): boolean => other?.request.eventId === eventId;
  for (const other of lane.live) if (isSame(other)) return true;
  for (const other of lane.asides) if (isSame(other)) return true;
  for (const head of lane.keyed?.heads.values() ?? []) if (isSame(head.delivery) || head.followers.some(isSame)) return true;
  return false;
}

/** It was read, and is no repeat. */
export function rememberReplay(lane: Lane, delivery: Delivery): void {
  if (!isReplay(delivery)) return;
  const replays = (lane.replays ??= new Map());
  replays.set(delivery.request.eventId, delivery.request.offset);
  if (replays.size <= MAX_KNOWN_REPLAYS) return;
  for (const oldest of replays.keys()) {
    replays.delete(oldest);
    break;
  }
}

/** The delivery at this offset has its fate. */
export function forgetReplay(lane: Lane, offset: number, eventId?: string): void {
  if (lane.replays === null) return;
  const id = eventId ?? [...lane.replays].find(([, at]) => at === offset)?.[0];
  if (id === undefined || lane.replays.get(id) !== offset) return;
  lane.replays.delete(id);
  if (lane.replays.size === 0) lane.replays = null;
}
