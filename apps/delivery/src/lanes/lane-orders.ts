import type { HookChanged } from '@hooklane/contracts/topics';
import type { Delivery } from './delivery.js';

/** What commands made of a lane. Plain data: it is kept in the lane's row, and an attempt never changes it. */
export interface LaneOrders {
  /** Offset of the newest command that was obeyed: commands are read again after a crash, and then do nothing. */
  readonly upTo: number;
  /** The highest place in the hook's history of a command that was obeyed: one at or below it is a late repeat. 0: none. */
  readonly position: number;
  readonly isHeld: boolean;
  /** Offsets of deliveries that are skipped as soon as nothing of them is under way. */
  readonly skips: readonly number[];
  /** The newest catch-up that was begun, over or not; 0: none. */
  readonly catchUpEpoch: number;
  readonly catchUp: CatchUp | null;
}

/** A catch-up that is under way: what stands before `border` is skipped, what stands behind it and is no part of it waits. */
export interface CatchUp {
  readonly epoch: number;
  /** Offset of the command that began it. */
  readonly border: number;
  /** The log has been told that everything before the border has its fate. */
  readonly isOpen: boolean;
  /** Its end was read: what waits follows as soon as what it brought has its fate. */
  readonly isEnding: boolean;
}

export const noOrders: LaneOrders = { upTo: -1, position: 0, isHeld: false, skips: [], catchUpEpoch: 0, catchUp: null };

/** More would mean that somebody skips deliveries by hand that are all under way. */
const MAX_SKIPS = 64;

export function withSkip(orders: LaneOrders, offset: number): LaneOrders {
  return orders.skips.includes(offset) ? orders : { ...orders, skips: [...orders.skips, offset].slice(-MAX_SKIPS) };
}

export function withoutSkip(orders: LaneOrders, offset: number): LaneOrders {
  return { ...orders, skips: orders.skips.filter((other) => other !== offset) };
}

/** Whether forgetting them changes nothing. The epoch of a catch-up that is over is kept for as long as the hook is in that epoch: else the lane would wait for its command again. */
export function isForgettableOrders(orders: LaneOrders | null, hook: Pick<HookChanged, 'catchUpEpoch' | 'enabledEpoch'> | undefined): boolean {
  if (orders === null) return true;
  if (orders.isHeld || orders.skips.length > 0 || orders.catchUp !== null || orders.position > 0) return false;
  return orders.catchUpEpoch === 0 || hook === undefined || hook.catchUpEpoch !== hook.enabledEpoch;
}

/** Part of a catch-up, whichever. */
export function isCatchUp({ request }: Pick<Delivery, 'request'>): boolean {
  return request.trigger === 'catch-up';
}

export function catchUpReplayId(hookId: string, epoch: number): string {
  return `catch-up/${hookId}/${epoch}`;
}

/** Whether the lane's newest catch-up is the one that the hook was enabled with last. */
export function isCatchUpCurrent(catchUp: CatchUp, hook: Pick<HookChanged, 'enabledEpoch'>): boolean {
  return catchUp.epoch >= hook.enabledEpoch;
}

/** Whether the delivery waits for the end of the catch-up. */
export function waitsForCatchUp(orders: LaneOrders | null, delivery: Delivery): boolean {
  return orders !== null && orders.catchUp !== null && delivery.request.offset > orders.catchUp.border && !isCatchUp(delivery);
}

export type OrderedState = '' | 'skipped-by-command' | 'missed' | 'stale-catch-up' | 'catch-up' | 'command';

/**
 * What commands say about a delivery that could go out otherwise.
 * `missed`: it was published while the hook was disabled, and comes with the catch-up. `stale-catch-up`: it belongs to one that is over, or that another enabling has overtaken.
 */
export function orderedState(orders: LaneOrders | null, hook: HookChanged, delivery: Delivery): OrderedState {
  const { request } = delivery;
  if (orders !== null && orders.skips.length > 0 && orders.skips.includes(request.offset)) return 'skipped-by-command';
  const catchUp = orders?.catchUp ?? null;
  if (isCatchUp(delivery)) {
    const isOurs = catchUp !== null && isCatchUpCurrent(catchUp, hook) && request.replayId === catchUpReplayId(hook.hookId, catchUp.epoch);
    if (!isOurs || (catchUp.isEnding && !catchUp.isOpen)) return 'stale-catch-up';
    if (!catchUp.isOpen) return 'catch-up';
  } else if (catchUp !== null && request.offset < catchUp.border) {
    return 'missed';
  }
  // The hook's newest enabling goes with a catch-up whose command has not been read: what stands before it is about to be skipped.
  if (hook.catchUpEpoch === hook.enabledEpoch && hook.catchUpEpoch > (orders?.catchUpEpoch ?? 0)) return 'catch-up';
  return orders !== null && orders.isHeld ? 'command' : '';
}
