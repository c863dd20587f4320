const SECOND_MS = 1_000;
/** Of tenants that asked within the last second there are never so many. */
const MAX_REMEMBERED = 10_000;

/** The product takes one request a second of each account. Here a limit is the operator's to set; there is none by default, for nobody else's account is slowed by ours. */
export class RequestPace {
  private readonly earliestMs = new Map<string, number>();

  /** @param perSecond 0: no limit */
  constructor(private readonly perSecond: number) {}

  admits(tenantId: string, nowMs: number): boolean {
    if (this.perSecond === 0) return true;
    if ((this.earliestMs.get(tenantId) ?? 0) > nowMs) return false;
    if (this.earliestMs.size >= MAX_REMEMBERED) this.earliestMs.clear();
    this.earliestMs.set(tenantId, nowMs + SECOND_MS / this.perSecond);
    return true;
  }
}
