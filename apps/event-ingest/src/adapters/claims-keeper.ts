import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { toAppError } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';
import type { ClaimBook } from '../claims/claim-book.js';
import type { ClaimStore } from '../ports.js';

export const CLAIMS = Symbol('claims');

export interface Claims {
  readonly book: ClaimBook;
  readonly store: ClaimStore;
  readonly leaseMs: number;
  readonly logger: Logger;
}

const EXPIRED_INTERVAL_MS = 60_000;

/** Renews the claims that are held, and removes those whose 24 hours are over. */
@Injectable()
export class ClaimsKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(@Inject(CLAIMS) private readonly claims: Claims) {}

  onApplicationBootstrap(): void {
    // Three tries within a lease.
    this.every(Math.floor(this.claims.leaseMs / 3), 'claims not renewed', () => this.claims.book.renew());
    this.every(EXPIRED_INTERVAL_MS, 'expired claims not removed', () => this.removeExpired());
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.claims.book.flush();
  }

  private async removeExpired(): Promise<void> {
    while ((await this.claims.store.removeExpired()) > 0);
  }

  private every(ms: number, failure: string, work: () => Promise<void>): void {
    let isRunning = false;
    const timer = setInterval(() => {
      if (isRunning) return;
      isRunning = true;
      void work()
        .catch((error: unknown) => this.claims.logger.warn(failure, { error: toAppError(error).message }))
        .finally(() => (isRunning = false));
    }, ms);
    timer.unref();
    this.timers.push(timer);
  }
}
