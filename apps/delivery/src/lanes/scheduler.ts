import { DueQueue } from './due-queue.js';
import { Queue } from './queue.js';

/** `proven`: a success not long ago. `fresh`: never tried here. `slow`: failing, or its request takes long. The last two share nothing with the first. */
export type LaneStanding = 'proven' | 'fresh' | 'slow';

export interface SlotLimits {
  /** Requests in flight in all. */
  readonly total: number;
  /** Of these at most so many for fresh lanes, and as many for slow ones. */
  readonly unproven: number;
  /** Requests that start in one turn of the event loop. */
  readonly startsATurn?: number;
}

export interface Schedulable {
  readonly tenantId: string;
  standing: LaneStanding;
}

const STANDINGS = ['proven', 'fresh', 'slow'] as const;
/** Among the lanes of one tenant: four of six starts for proven ones, if all have lanes that wait. New ones must get on, and failing ones must not cost the others much. */
const WEIGHTS: Readonly<Record<LaneStanding, number>> = { proven: 1, fresh: 4, slow: 4 };
/** Some 3 ms of rendering and signing. More would make every answer that has arrived wait, and a turn in which a thousand lanes go on would take a tenth of a second. */
const STARTS_A_TURN = 32;

/**
 * Who may send next when there are more lanes than slots, or more than may start in one turn of the event loop: the tenant that has had least (start-time fair queueing), whatever the
 * standing of its lanes. A thousand hanging hooks fill the slice of the slow ones and nothing else (promise 4), and a tenant that floods a thousand healthy hooks
 * waits in its own line.
 */
export class FairScheduler<L extends Schedulable> {
  private readonly used: Record<LaneStanding, number> = { proven: 0, fresh: 0, slow: 0 };
  private readonly waiting: Record<LaneStanding, number> = { proven: 0, fresh: 0, slow: 0 };
  private readonly turns: Record<LaneStanding, DueQueue<TenantLine<L>>> = { proven: new DueQueue(), fresh: new DueQueue(), slow: new DueQueue() };
  private readonly lines = new Map<string, TenantLine<L>>();
  /** What the tenant that was served last had had: who comes anew begins there, with neither debts nor savings. */
  private served = 0;
  /** The same among the standings. */
  private readonly shares: Record<LaneStanding, number> = { proven: 0, fresh: 0, slow: 0 };
  private share = 0;
  private left: number;

  /** @param costOf what a start takes, 1 for an ordinary one; only asked of lanes that had to wait */
  constructor(
    private readonly limits: SlotLimits,
    private readonly costOf: (lane: L) => number = () => 1,
  ) {
    this.left = limits.startsATurn ?? STARTS_A_TURN;
  }

  get inFlight(): number {
    return this.used.proven + this.used.fresh + this.used.slow;
  }

  get queued(): number {
    return this.waiting.proven + this.waiting.fresh + this.waiting.slow;
  }

  /** Nothing more starts before `turned`. */
  get isTurnOver(): boolean {
    return this.left <= 0;
  }

  usedBy(standing: LaneStanding): number {
    return this.used[standing];
  }

  /** @returns true when the lane has its slot now; else it is handed out by `next` later. */
  acquire(lane: L): boolean {
    const { standing } = lane;
    if (this.left > 0 && this.waiting[standing] === 0 && this.hasRoom(standing)) {
      this.used[standing] += 1;
      this.left -= 1;
      return true;
    }
    this.add(lane, standing);
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

  /** The event loop has been round: as many may start again. */
  turned(): void {
    this.left = this.limits.startsATurn ?? STARTS_A_TURN;
  }

  /** @returns the next lane that has its slot now, with the standing it is counted under; undefined when none can. */
  next(): { readonly lane: L; readonly standing: LaneStanding } | undefined {
    if (this.left <= 0) return undefined;
    let least: LaneStanding | undefined;
    let leastHad = Infinity;
    for (const standing of STANDINGS) {
      if (this.waiting[standing] === 0 || !this.hasRoom(standing)) continue;
      const had = this.hadLeast(standing);
      if (had < leastHad || (had === leastHad && this.shares[standing] < this.shares[least as LaneStanding])) [least, leastHad] = [standing, had];
    }
    return least && { lane: this.serve(least), standing: least };
  }

  private add(lane: L, standing: LaneStanding): void {
    let line = this.lines.get(lane.tenantId);
    if (!line) {
      line = { tenantId: lane.tenantId, had: this.served, waiting: 0, lanes: { proven: new Queue(), fresh: new Queue(), slow: new Queue() } };
      this.lines.set(lane.tenantId, line);
    }
    const lanes = line.lanes[standing];
    lanes.push(lane);
    if (lanes.length === 1) this.turns[standing].add(line.had, line);
    line.waiting += 1;
    this.waiting[standing] += 1;
  }

  /** What the tenant at the front has had. Served under another standing in the meantime, it stands further back by now. */
  private hadLeast(standing: LaneStanding): number {
    const turns = this.turns[standing];
    for (;;) {
      const front = turns.first() as { readonly atMs: number; readonly item: TenantLine<L> };
      if (front.item.had <= front.atMs) return front.atMs;
      turns.take(Infinity);
      turns.add(front.item.had, front.item);
    }
  }

  private serve(standing: LaneStanding): L {
    const line = this.turns[standing].take(Infinity) as TenantLine<L>;
    const lane = line.lanes[standing].shift() as L;
    this.served = Math.max(this.served, line.had);
    this.share = Math.max(this.share, this.shares[standing]);
    this.shares[standing] = this.share + WEIGHTS[standing];
    // Who waited for its slice rather than for its turn has saved nothing up.
    line.had = Math.max(line.had, this.served - 1) + this.costOf(lane);
    if (line.lanes[standing].length > 0) this.turns[standing].add(line.had, line);
    line.waiting -= 1;
    if (line.waiting === 0) this.lines.delete(line.tenantId);
    this.waiting[standing] -= 1;
    this.used[standing] += 1;
    this.left -= 1;
    return lane;
  }

  private hasRoom(standing: LaneStanding): boolean {
    if (this.inFlight >= this.limits.total) return false;
    return standing === 'proven' || this.used[standing] < this.limits.unproven;
  }
}

/** A tenant's lanes that wait, in the order in which they came. */
interface TenantLine<L> {
  readonly tenantId: string;
  /** What it was given since it waits, on the common scale. */
  had: number;
  waiting: number;
  readonly lanes: Readonly<Record<LaneStanding, Queue<L>>>;
}
