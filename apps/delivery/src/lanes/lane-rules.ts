import type { HookChanged } from '@hooklane/contracts/topics';
import { healthInEpoch, isLimitReached, mustAnnounce, type DisableRules } from '../attempt/decide-attempt.js';
import { chargedFailures } from '../attempt/lane-health.js';
import type { Keyed } from './keyed-places.js';
import type { Delivery, Lane } from './lane.js';
import { isCatchUpCurrent } from './lane-orders.js';
import type { LaneEffects, LaneView } from './lane-world.js';

const VERDICT_AGAIN_MS = 60_000;

/** What holds for a lane as a whole, whatever its order: epochs, holds, and what a dead owner may have done. */
export class LaneRules {
  constructor(
    private readonly view: LaneView,
    private readonly effects: LaneEffects,
  ) {}

  enterEpoch(lane: Lane, hook: HookChanged): void {
    if (hook.enabledEpoch <= lane.health.enabledEpoch) return;
    lane.health = healthInEpoch(lane.health, hook.enabledEpoch);
    if (lane.hasRow) this.effects.saveRow(lane);
  }

  /**
   * Nobody knows whether what stands first went out and failed before the last owner died: it counts as if it had, so that there are never more than N (promise 5).
   * Where failures had been recorded, what was under way was announced, and was counted when the lane was taken over.
   * @returns whether the row must say so before anything else happens: once the delivery has its fate, no later owner has a reason to charge it
   */
  charge(lane: Lane, disable: DisableRules): boolean {
    const { suspects } = lane;
    lane.suspectBelow = 0;
    lane.suspects = 1;
    if (disable.limit === 0) return false;
    if (!mustAnnounce(lane.health, disable)) lane.health.streak += suspects;
    return chargedFailures(lane.health) > 0;
  }

  /** Why nothing may start yet; it is looked at again when it may. */
  timing(lane: Lane, hook: HookChanged): '' | 'retry' | 'rate-limit' {
    const nowMs = this.view.nowMs();
    if (lane.health.nextAttemptAtMs > nowMs) {
      this.effects.wake(lane, lane.health.nextAttemptAtMs);
      return 'retry';
    }
    const startAtMs = this.view.startAtMs(lane, hook);
    if (startAtMs <= nowMs) return '';
    this.effects.wake(lane, startAtMs);
    return 'rate-limit';
  }

  /** Something is to happen to a lane with several heads that is no attempt. */
  mustLeave(lane: Keyed, hook: HookChanged | undefined): boolean {
    if (lane.mustRewind || lane.health.held !== null || lane.orders?.isHeld) return true;
    if (!hook) return false;
    if (hook.deleted || !hook.enabled || hook.order !== lane.keyed.order || isLimitReached(lane.health, this.view.disableRules(hook))) return true;
    if (hook.catchUpEpoch === hook.enabledEpoch && hook.catchUpEpoch > (lane.orders?.catchUpEpoch ?? 0)) return true;
    const catchUp = lane.orders?.catchUp;
    return catchUp ? !catchUp.isOpen || !isCatchUpCurrent(catchUp, hook) : false;
  }

  /** @returns whether the lane goes on: the hook has a newer version, which is the answer to a verdict and the way out of a hold */
  release(lane: Lane, hook: HookChanged, head: Delivery): boolean {
    const { held } = lane.health;
    if (!held) return true;
    if (hook.version > held.hookVersion) {
      lane.health.held = null;
      lane.hasRow = true;
      this.effects.saveRow(lane);
      return true;
    }
    if (held.reason !== 'exhausted') {
      const againMs = held.verdictAtMs + VERDICT_AGAIN_MS;
      if (againMs <= this.view.nowMs()) {
        held.verdictAtMs = this.view.nowMs();
        this.effects.repeatVerdict(lane, head);
      }
      this.effects.wake(lane, held.verdictAtMs + VERDICT_AGAIN_MS);
    }
    return false;
  }

  /** The limit was reached by what a dead owner had started, or by a policy that was lowered. */
  hold(lane: Lane, hook: HookChanged, head: Delivery): void {
    const nowMs = this.view.nowMs();
    lane.health.held = { reason: 'failure-limit', hookVersion: hook.version, policyVersion: hook.policyVersion, verdictAtMs: nowMs };
    lane.hasRow = true;
    this.effects.saveRow(lane);
    this.effects.repeatVerdict(lane, head);
    this.effects.wake(lane, nowMs + VERDICT_AGAIN_MS);
  }
}
