import { Queue } from './queue.js';

/** `proven`: a success not long ago. `fresh`: never tried here. `slow`: failing, or its request takes long. The last two share nothing with the first. */
export type LaneStanding = 'proven' | 'fresh' | 'slow';

export interface SlotLimits {
  /** Requests in flight in all. */
  readonly total: number;
  /** Of these at most so many for fresh lanes, and as many for slow ones. */
  readonly unproven: number;
}

export interface Schedulable {
  readonly tenantId: string;
  standing: LaneStanding;
}

/**
 * Who may send next when there are more lanes than slots: round robin over tenants within a standing, proven lanes first.
 * A thousand hanging hooks fill the slice of the slow ones and nothing else (promise 4).
 */
export class FairScheduler<L extends Schedulable> {
  private readonly used: Record<LaneStanding, number> = { proven: 0, fresh: 0, slow: 0 };
  private readonly waiting: Record<LaneStanding, TenantRing<L>> = { proven: new TenantRing(), fresh: new TenantRing(), slow: new TenantRing() };

  constructor(private readonly limits: SlotLimits) {}

  get inFlight(): number {
    return this.used.proven + this.used.fresh + this.used.slow;
  }

  get queued(): number {
    return this.waiting.proven.size + this.waiting.fresh.size + this.waiting.slow.size;
  }

  /** @returns true when the lane has its slot now; else it is handed out by `next` later. */
  acquire(lane: L): boolean {
    if (this.waiting[lane.standing].size === 0 && this.hasRoom(lane.standing)) {
      this.used[lane.standing] += 1;
      return true;
    }
    this.waiting[lane.standing].add(lane);
    return false;
  }

  /** The request that was counted under `standing` is over. */
  release(standing: LaneStanding): void {
    this.used[standing] -= 1;
  }

  /** A request under way takes long: it is counted with the slow ones from now on. */
  move(from: LaneStanding, to: LaneStanding): void {
    this.used[from] -= 1;
    this.used[to] += 1;
  }

  /** @returns the next lane that has its slot now, with the standing it is counted under; undefined when none can. */
  next(): { readonly lane: L; readonly standing: LaneStanding } | undefined {
    for (const standing of ['proven', 'fresh', 'slow'] as const) {
      if (!this.hasRoom(standing)) continue;
      const lane = this.waiting[standing].take();
      if (!lane) continue;
      this.used[standing] += 1;
      return { lane, standing };
    }
    return undefined;
  }

  private hasRoom(standing: LaneStanding): boolean {
    if (this.inFlight >= this.limits.total) return false;
    return standing === 'proven' || this.used[standing] < this.limits.unproven;
  }
}

class TenantRing<L extends Schedulable> {
  private readonly byTenant = new Map<string, Queue<L>>();
  private readonly turn = new Queue<string>();
  size = 0;

  add(lane: L): void {
    let queue = this.byTenant.get(lane.tenantId);
    if (!queue) {
      queue = new Queue();
      this.byTenant.set(lane.tenantId, queue);
      this.turn.push(lane.tenantId);
    }
    queue.push(lane);
    this.size += 1;
  }

  take(): L | undefined {
    const tenantId = this.turn.shift();
    if (tenantId === undefined) return undefined;
    const queue = this.byTenant.get(tenantId) as Queue<L>;
    const lane = queue.shift();
    if (queue.length > 0) this.turn.push(tenantId);
    else this.byTenant.delete(tenantId);
    if (lane) this.size -= 1;
    return lane;
  }
}
