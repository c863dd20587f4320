import { AppError, type Clock } from '@hooklane/kernel';

/** Whoever fails as often waits until the first of these failures is as old as this: at most 120 guesses an hour for one name. */
const FAILURES_MAX = 10;
const WINDOW_MS = 5 * 60_000;
/** Names that are kept; beyond that the one that failed longest ago is forgotten. */
const NAMES_MAX = 10_000;

/** Failed logins by tenant and user name, also of users that there are not: what is refused must not tell who is there. Of this process only. */
export class LoginAttempts {
  private readonly failures = new Map<string, readonly number[]>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /** @throws AppError `too-many-logins` */
  assertAllowed(tenantId: string, userName: string): void {
    const recent = this.recent(keyOf(tenantId, userName));
    if (recent.length < FAILURES_MAX) return;
    const retryAfterMs = Math.max(1, recent[recent.length - FAILURES_MAX]! + WINDOW_MS - this.clock.monotonicMs());
    throw new AppError('too-many-logins', `Too many failed logins; try again in ${Math.ceil(retryAfterMs / 1_000)} seconds.`, { retryable: true, retryAfterMs });
  }

  failed(tenantId: string, userName: string): void {
    const key = keyOf(tenantId, userName);
    const recent = [...this.recent(key), this.clock.monotonicMs()];
    // Taken out and put in again: the map's order is that of the newest failure.
    this.failures.delete(key);
    this.failures.set(key, recent);
    if (this.failures.size > NAMES_MAX) this.failures.delete(this.failures.keys().next().value!);
  }

  succeeded(tenantId: string, userName: string): void {
    this.failures.delete(keyOf(tenantId, userName));
  }

  private recent(key: string): readonly number[] {
    const since = this.clock.monotonicMs() - WINDOW_MS;
    return (this.failures.get(key) ?? []).filter((at) => at > since);
  }
}

const keyOf = (tenantId: string, userName: string): string => `${tenantId}/${userName.toLowerCase()}`;
