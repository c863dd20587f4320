import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FairScheduler, type LaneStanding } from './scheduler.js';

const TENANTS = ['a', 'b', 'c', 'd'] as const;
const STANDINGS = ['proven', 'fresh', 'slow'] as const;

interface WaitingLane {
  readonly tenantId: string;
  readonly standing: LaneStanding;
  readonly arrived: number;
}

type Step = { readonly kind: 'arrive'; readonly tenant: number; readonly standing: LaneStanding; readonly count: number } | { readonly kind: 'end'; readonly nth: number } | { readonly kind: 'turn' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('arrive' as const), tenant: fc.nat({ max: TENANTS.length - 1 }), standing: fc.constantFrom(...STANDINGS), count: fc.oneof(fc.constant(1), fc.nat({ max: 40 })) }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('end' as const), nth: fc.nat() }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'turn' as const }) },
);

/** The scheduler as `LaneAttempts` uses it, and what it owes to whom. */
class Play {
  private readonly limits = { total: 8, unproven: 3, startsATurn: 5 };
  private readonly scheduler = new FairScheduler<WaitingLane>(this.limits);
  private readonly running: LaneStanding[] = [];
  private readonly waiting: WaitingLane[] = [];
  /** Starts that others were given while this tenant could have had one. */
  private readonly passedOver = new Map<string, number>();
  private arrivals = 0;
  private startsThisTurn = 0;

  step(next: Step): void {
    if (next.kind === 'arrive') for (let n = 0; n < next.count; n += 1) this.arrive(TENANTS[next.tenant] as string, next.standing);
    else if (next.kind === 'end') this.end(next.nth);
    else this.turn();
    this.grant();
    this.check();
  }

  drain(): void {
    for (let n = 0; n < 100_000 && this.waiting.length > 0; n += 1) {
      this.step({ kind: 'turn' });
      this.step({ kind: 'end', nth: n });
    }
    expect(this.waiting).toHaveLength(0);
    while (this.running.length > 0) this.step({ kind: 'end', nth: 0 });
    expect(this.scheduler.inFlight).toBe(0);
    expect(this.scheduler.queued).toBe(0);
  }

  private arrive(tenantId: string, standing: LaneStanding): void {
    const lane = { tenantId, standing, arrived: this.arrivals++ };
    if (this.scheduler.acquire(lane)) this.starts(lane, standing);
    else this.waiting.push(lane);
  }

  private end(nth: number): void {
    if (this.running.length === 0) return;
    const [standing] = this.running.splice(nth % this.running.length, 1) as [LaneStanding];
    this.scheduler.release(standing);
  }

  private turn(): void {
    this.startsThisTurn = 0;
    this.scheduler.turned();
  }

  private grant(): void {
    for (let next = this.scheduler.next(); next; next = this.scheduler.next()) {
      const { lane, standing } = next;
      const first = this.waiting.find((other) => other.tenantId === lane.tenantId && other.standing === standing);
      // Within a tenant and standing: first come, first served.
      expect(lane).toBe(first);
      for (const tenantId of TENANTS) if (tenantId !== lane.tenantId && this.couldStart(tenantId)) this.passedOver.set(tenantId, (this.passedOver.get(tenantId) ?? 0) + 1);
      this.waiting.splice(this.waiting.indexOf(lane), 1);
      this.starts(lane, standing);
    }
  }

  private couldStart(tenantId: string): boolean {
    return STANDINGS.some((standing) => this.hasRoom(standing) && this.waiting.some((lane) => lane.tenantId === tenantId && lane.standing === standing));
  }

  private hasRoom(standing: LaneStanding): boolean {
    return this.running.length < this.limits.total && (standing === 'proven' || this.running.filter((other) => other === standing).length < this.limits.unproven);
  }

  private starts(lane: WaitingLane, standing: LaneStanding): void {
    this.passedOver.set(lane.tenantId, 0);
    this.running.push(standing);
    this.startsThisTurn += 1;
  }

  private check(): void {
    expect(this.running.length).toBeLessThanOrEqual(this.limits.total);
    for (const standing of ['fresh', 'slow'] as const) expect(this.running.filter((other) => other === standing).length).toBeLessThanOrEqual(this.limits.unproven);
    expect(this.startsThisTurn).toBeLessThanOrEqual(this.limits.startsATurn);
    expect(this.scheduler.queued).toBe(this.waiting.length);
    // Two rounds of the others: one that was owed to them, and one for those that came meanwhile.
    for (const count of this.passedOver.values()) expect(count).toBeLessThanOrEqual(2 * (TENANTS.length - 1));
    // Nobody waits while there is room and the turn is not over.
    if (this.startsThisTurn < this.limits.startsATurn) expect(TENANTS.some((tenantId) => this.couldStart(tenantId))).toBe(false);
  }
}

describe('sharing slots, whatever comes from whom', () => {
  it('keeps every slice, lets nobody wait without need, and passes no tenant over for more than two rounds of the others', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 150 }), (steps) => {
        const play = new Play();
        for (const next of steps) play.step(next);
        play.drain();
      }),
    );
  });
});
