import type { HookChanged } from '@hooklane/contracts/topics';
import { AppError } from '@hooklane/kernel';
import { reportOfLane, reportOfStored, type LaneReport } from '../lanes/lane-report.js';
import type { LaneRowState } from '../lanes/take-over.js';
import type { HookTable, LaneRowStore, ParkingStore } from '../ports.js';
import type { Lane } from '../lanes/lane.js';

export interface HookLanesParts {
  readonly hooks: HookTable;
  readonly laneRows: LaneRowStore;
  readonly parking: ParkingStore;
  /** Undefined: the partition is not owned here; null: it is, and has no lane for the hook. */
  laneOf(partition: number, hookId: string): Lane | null | undefined;
  partitionOf(hookId: string): number;
}

export interface FoundLane {
  readonly hook: HookChanged;
  readonly partition: number;
  readonly report: LaneReport;
}

/** What waits for a hook, and for what: from memory where the lane lives here, else from what its owner has written. */
export class HookLanes {
  constructor(private readonly parts: HookLanesParts) {}

  /** @throws AppError `not-found` for a hook that the tenant does not have */
  async find(tenantId: string, hookId: string): Promise<FoundLane> {
    const { laneRows, parking } = this.parts;
    const hook = hookOfTenant(this.parts.hooks, tenantId, hookId);
    const partition = this.parts.partitionOf(hookId);
    const lane = this.parts.laneOf(partition, hookId);
    if (lane !== undefined) return { hook, partition, report: reportOfLane(lane, hook) };
    const [[row], [backlog], heads] = await Promise.all([laneRows.read(partition, hookId), parking.stats(partition, hookId), laneRows.heads(partition, hookId)]);
    const state = row ? (JSON.parse(row.state) as LaneRowState) : null;
    return { hook, partition, report: reportOfStored(state, backlog ?? null, hook, heads.length) };
  }
}

export function hookOfTenant(hooks: HookTable, tenantId: string, hookId: string): HookChanged {
  const hook = hooks.hook(hookId);
  if (!hook || hook.tenantId !== tenantId) throw new AppError('not-found', `There is no hook ${hookId} in tenant ${tenantId}.`, { publicMessage: 'There is no such hook.' });
  return hook;
}
