import type { Clock } from '@hooklane/kernel';
import type { HookChanged } from '@hooklane/contracts/topics';
import { catchUpBorder } from './catch-up-border.js';
import type { Selections, SelectionWish } from './replay-ports.js';
import type { Replay, ReplaySelection } from './replay.js';

/** The hooks that a tenant has. */
export interface TenantHooks {
  hooksOf(tenantId: string): readonly HookChanged[];
}

export type SelectorStep = { readonly kind: 'moved' } | { readonly kind: 'selected' } | { readonly kind: 'waits'; readonly sentence: string };

/** A record that could not be read at the end of a partition keeps log-query's position below it; a replay does not wait for ever because of it. */
const GOALS_WAIT_MS = 10_000;

/** Walks through the deliveries that a replay is of, a step at a time; every step can be the last one before a restart. */
export class ReplaySelector {
  constructor(
    private readonly selections: Selections,
    private readonly hooks: TenantHooks,
    private readonly clock: Clock,
  ) {}

  async step(replay: Replay): Promise<SelectorStep> {
    const unread = await this.selections.unread(replay.goals);
    if (unread.length > 0 && this.mustWait(replay)) return { kind: 'waits', sentence: `It waits until the log has been read up to where it began: ${unread.length} partitions to go.` };
    const wish = await this.wishOf(replay);
    if (wish === null) return { kind: 'waits', sentence: 'It waits for the version of the hook that asked for it.' };
    const step = await this.selections.take(replay, wish);
    return { kind: step === null || step.next !== null ? 'moved' : 'selected' };
  }

  private mustWait({ kind, created }: Replay): boolean {
    // What a catch-up names was read by the lane's owner, so it can be read.
    return kind === 'catch-up' || this.clock.nowMs() - created.atMs < GOALS_WAIT_MS;
  }

  private async wishOf({ tenantId, selection, catchUp }: Replay): Promise<SelectionWish | null> {
    if (catchUp === null) return { tenantId, selection, hookIds: hooksWanted(this.hooks, tenantId, selection), catchUp: null };
    const { versions, completed } = await this.selections.enablings(catchUp.hookId);
    const aboveVersion = catchUpBorder(versions, completed, catchUp.epoch);
    return aboveVersion === null ? null : { tenantId, selection, hookIds: [catchUp.hookId], catchUp: { ...catchUp, aboveVersion } };
  }
}

/** Deleted hooks get nothing any more. */
export function hooksWanted(hooks: TenantHooks, tenantId: string, { hookIds }: Pick<ReplaySelection, 'hookIds'>): readonly string[] {
  const present = hooks.hooksOf(tenantId).map(({ hookId }) => hookId);
  return hookIds === null ? present : present.filter((hookId) => hookIds.includes(hookId));
}
