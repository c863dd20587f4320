import { AppError, type Clock } from '@hooklane/kernel';
import { AdmissionRule } from './admission-rule.js';
import { TenantShares } from './tenant-shares.js';
import { WaitingLine } from './waiting-line.js';

export interface AdmissionParts {
  /** How much waits in this process; see `AdmissionView`. */
  readonly fullness: () => number;
  readonly clock: Clock;
  /** How long a request may wait. */
  readonly patienceMs: number;
  /** Of events that wait; beyond it requests are refused at once. */
  readonly waitingBytesMax: number;
  /** A request that had to wait was let in or refused. */
  readonly waited: (seconds: number) => void;
}

interface Waiter {
  readonly tenantId: string;
  readonly events: number;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly enter: () => void;
  readonly refuse: () => void;
}

const LOOK_AGAIN_MS = 10;
const RETRY_AFTER_MS = 1_000;
/** As far as this a tenant that brings little does not wait for those who fill the process: it is not what fills it. */
const MODEST_FULLNESS = 2;
const MODEST_UNDER_WAY_MAX = 2_000;

/**
 * Slows publishers down to what the process can do with their events (docs/adr/0005). A request waits at most for `patienceMs`, tenants take turns, and only
 * who has waited in vain, or finds too much waiting, is refused. Who brings well below an equal share does not wait for the others.
 */
export class AdmissionGate {
  private readonly rule = new AdmissionRule();
  private readonly line = new WaitingLine<Waiter>();
  private readonly shares = new TenantShares();
  private underWay = 0;
  private bytes = 0;
  private isLooking = false;

  constructor(private readonly parts: AdmissionParts) {}

  /** Events that wait to be let in. */
  waiting(): number {
    return this.line.events;
  }

  /**
   * @returns undefined when the request may go on at once; `left` follows for every request that was let in
   * @throws AppError `overloaded`, now or later
   */
  enter(tenantId: string, events: number, bytes: number): Promise<void> | undefined {
    if ((this.line.events === 0 && this.isOpen()) || this.isModest(tenantId, events)) {
      this.letIn(tenantId, events);
      return undefined;
    }
    if (this.bytes + bytes > this.parts.waitingBytesMax && this.line.events > 0) throw overloaded();
    return new Promise((resolve, reject) => {
      this.bytes += bytes;
      this.line.add({ tenantId, events, bytes, sinceMs: this.parts.clock.monotonicMs(), enter: resolve, refuse: () => reject(overloaded()) });
      this.lookLater();
    });
  }

  /** The events of a request that was let in are answered. */
  left(events: number): void {
    this.underWay -= events;
    if (this.line.events > 0) this.look();
  }

  private isOpen(): boolean {
    return this.rule.mayEnter({ fullness: this.parts.fullness(), underWay: this.underWay, nowMs: this.parts.clock.monotonicMs() });
  }

  /** Never before an earlier request of the same tenant. */
  private isModest(tenantId: string, events: number): boolean {
    if (this.line.has(tenantId) || this.underWay >= MODEST_UNDER_WAY_MAX || this.parts.fullness() >= MODEST_FULLNESS) return false;
    return this.shares.isModest(tenantId, events, this.line.events, this.parts.clock.monotonicMs());
  }

  private letIn(tenantId: string, events: number): void {
    this.underWay += events;
    this.shares.note(tenantId, events, this.parts.clock.monotonicMs());
  }

  private look(): void {
    while (this.line.events > 0 && this.isOpen()) {
      const waiter = this.line.take() as Waiter;
      this.letIn(waiter.tenantId, waiter.events);
      this.leaves(waiter);
      waiter.enter();
    }
    const overdueMs = this.parts.clock.monotonicMs() - this.parts.patienceMs;
    for (const waiter of this.line.takeWhile(({ sinceMs }) => sinceMs <= overdueMs)) {
      this.leaves(waiter);
      waiter.refuse();
    }
  }

  private leaves({ bytes, sinceMs }: Waiter): void {
    this.bytes -= bytes;
    this.parts.waited((this.parts.clock.monotonicMs() - sinceMs) / 1_000);
  }

  private lookLater(): void {
    if (this.isLooking) return;
    this.isLooking = true;
    setTimeout(() => {
      this.isLooking = false;
      this.look();
      if (this.line.events > 0) this.lookLater();
    }, LOOK_AGAIN_MS);
  }
}

function overloaded(): AppError {
  return new AppError('overloaded', 'The platform is still working on what was published before; nothing was accepted.', { retryable: true, retryAfterMs: RETRY_AFTER_MS });
}
