/** What a lane remembers of its failures. A healthy lane has the initial one, and no row in Postgres. Plain data: it is the row. */
export interface LaneHealth {
  /** Of the hook; failures of another epoch do not count here. */
  enabledEpoch: number;
  /** Failures that count towards the hook's limit: in a row, or since enabling. */
  streak: number;
  /** Attempts that we broke off since: no failures, and the receiver may have failed them all the same. Absent: none. */
  brokenOff?: number;
  /** How many delays of the unavailable schedule were used: belongs to the hook, so the next head goes on where it stood. */
  unavailableStep: number;
  /** Postgres time in milliseconds before which no attempt starts; 0: none. */
  nextAttemptAtMs: number;
  /** The delivery at the head, once it had an attempt. */
  head: HeadHealth | null;
  held: LaneHold | null;
  lastErrorCode: string;
}

export interface HeadHealth {
  readonly offset: number;
  /** Attempts whose result is known. */
  attempts: number;
  /** Charge-first: the attempt announced in Postgres before it went out; `started > attempts` means that it may be under way. */
  started: number;
  firstAttemptAtMs: number;
  rejectedStep: number;
  /** Interrupted ones in a row; the third counts. */
  interrupted: number;
}

export interface LaneHold {
  readonly reason: 'failure-limit' | 'gone' | 'exhausted';
  /** The lane looks again at every newer version of the hook. */
  readonly hookVersion: number;
  readonly policyVersion: number;
  /** When the verdict was last published, Postgres time; 0 for a hold without one. */
  verdictAtMs: number;
}

/** What the receiver has failed at most: never more than the hook's limit (promise 5). */
export function chargedFailures({ streak, brokenOff = 0 }: LaneHealth): number {
  return streak + brokenOff;
}

export function initialHealth(enabledEpoch: number): LaneHealth {
  return { enabledEpoch, streak: 0, unavailableStep: 0, nextAttemptAtMs: 0, head: null, held: null, lastErrorCode: '' };
}

/** Whether forgetting it changes nothing. */
export function isHealthy(health: LaneHealth): boolean {
  return chargedFailures(health) === 0 && health.unavailableStep === 0 && health.head === null && health.held === null;
}
