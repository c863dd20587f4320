/** So long is remembered, and up to twice as long. */
const WINDOW_MS = 1_000;
/** Of an equal share. Tenants that bring as much as each other never come below it, whatever chance does in a second. */
const MODEST_SHARE = 0.6;

/** Who brought how much lately: tells a tenant that brings little from those who fill the process. */
export class TenantShares {
  private current = new Map<string, number>();
  private former = new Map<string, number>();
  private currentEvents = 0;
  private formerEvents = 0;
  private startedMs = 0;

  note(tenantId: string, events: number, nowMs: number): void {
    this.turn(nowMs);
    this.current.set(tenantId, (this.current.get(tenantId) ?? 0) + events);
    this.currentEvents += events;
  }

  /**
   * Whether these events leave the tenant well below an equal share of what was brought and of what waits.
   * @param waitingEvents of others
   */
  isModest(tenantId: string, events: number, waitingEvents: number, nowMs: number): boolean {
    this.turn(nowMs);
    const known = (this.current.get(tenantId) ?? 0) + (this.former.get(tenantId) ?? 0);
    const tenants = Math.max(this.current.size, this.former.size) + (known === 0 ? 1 : 0);
    const all = this.currentEvents + this.formerEvents + waitingEvents + events;
    return tenants > 1 && (known + events) * tenants <= MODEST_SHARE * all;
  }

  private turn(nowMs: number): void {
    const pastMs = nowMs - this.startedMs;
    if (pastMs < WINDOW_MS) return;
    const isRecent = pastMs < 2 * WINDOW_MS;
    this.former = isRecent ? this.current : new Map();
    this.formerEvents = isRecent ? this.currentEvents : 0;
    this.current = new Map();
    this.currentEvents = 0;
    this.startedMs = nowMs;
  }
}
