import type { HookChanged } from '@hooklane/contracts/topics';
import { isLimitReached, mustAnnounce } from '../attempt/decide-attempt.js';
import { isKeyed } from './keyed-line.js';
import type { Delivery, Lane } from './lane.js';
import { orderedState, type OrderedState } from './lane-orders.js';
import type { LaneObstacle, LaneView } from './lane-world.js';

/** What stands in the way of the first delivery of a line; `ready`: nothing. */
export type HeadState =
  | 'hook-version' | Exclude<LaneObstacle, ''>
  | 'deleted' | 'foreign' | 'disabled' | 'suspect'
  | Exclude<OrderedState, ''>
  | 'held' | 'keyed' | 'limit' | 'retry' | 'rate-limit' | 'unannounced' | 'ready';

export function headStateOf(view: LaneView, lane: Lane, hook: HookChanged, head: Delivery): HeadState {
  const obstacle = view.obstacle(lane);
  if (obstacle !== '') return obstacle;
  if (hook.deleted) return 'deleted';
  if (hook.tenantId !== head.request.tenantId) return 'foreign';
  if (!hook.enabled) return 'disabled';
  // Also one that is skipped: what nobody knows of it has happened all the same.
  if (head.request.offset < lane.suspectBelow) return 'suspect';
  if (lane.orders !== null || hook.catchUpEpoch !== 0) {
    const ordered = orderedState(lane.orders, hook, head);
    if (ordered !== '') return ordered;
  }
  if (lane.health.held) return 'held';
  const disable = view.disableRules(hook);
  if (isLimitReached(lane.health, disable)) return 'limit';
  if (isKeyed(hook.order)) return 'keyed';
  const nowMs = view.nowMs();
  if (lane.health.nextAttemptAtMs > nowMs) return 'retry';
  if (view.startAtMs(lane, hook) > nowMs) return 'rate-limit';
  if (mustAnnounce(lane.health, disable)) {
    const known = lane.health.head;
    if (known?.offset !== head.request.offset || known.started < known.attempts + 1) return 'unannounced';
  }
  return 'ready';
}
