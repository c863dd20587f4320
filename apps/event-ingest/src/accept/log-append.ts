import { AppError, type Clock } from '@hooklane/kernel';
import type { AppendRecord } from '@hooklane/event-log';
import type { EventLogWriter } from '../ports.js';

/** Publishers with an id that wait for a log that is away; more are refused at once, or they would fill the memory. */
const WAITING_MAX = 1_000;

/** Writes events with the patience of a publisher, not of the platform. Never rejects: the answer is null or the `log-unavailable` to give. */
export class LogAppend {
  private waiting = 0;

  constructor(
    private readonly log: EventLogWriter,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {}

  /** What was not written in time is taken out of the queue, if it is not already on its way. */
  async orGiveUp(record: AppendRecord): Promise<AppError | null> {
    try {
      await this.log.append([record], { deadlineMonotonicMs: this.clock.monotonicMs() + this.timeoutMs });
      return null;
    } catch (error) {
      return mayBeWritten(error) ? unavailable(error, MAY_YET_UNKEYED) : unavailable(error);
    }
  }

  /**
   * Goes on behind the answer: the publisher's claim makes the repeat of this request lead to this event, so it may be written late but not twice.
   * @param ended called once with null when it was written, else why not, possibly long after the answer
   */
  async orGoOn(record: AppendRecord, ended: (failure: AppError | null) => void): Promise<AppError | null> {
    if (this.waiting >= WAITING_MAX) {
      const refusal = unavailable(null);
      ended(refusal);
      return refusal;
    }
    this.waiting += 1;
    const end = this.log.append([record]).then(() => 'written' as const, (error: unknown) => unavailable(error));
    void end.then((result) => {
      this.waiting -= 1;
      ended(result === 'written' ? null : result);
    });
    const result = await within(end, this.timeoutMs);
    if (result === 'written') return null;
    return result ?? unavailable(null, MAY_YET);
  }
}

const RETRY_AFTER_MS = 1_000;

const NOTHING = 'The event log cannot be written; nothing was accepted.';
/** Of an event with an id or a key: the repeat leads to it. */
export const MAY_YET = 'It was not confirmed in time and may yet be accepted; repeat it with the same id or Idempotency-Key.';
const MAY_YET_UNKEYED = 'It was not confirmed in time and may yet be accepted; only with an id or an Idempotency-Key can a repeat not make two of it.';

/** @param publicMessage by default: what `cause` knows of the event. It was taken out of the queue, or it was on its way already. */
export function unavailable(cause: unknown, publicMessage = mayBeWritten(cause) ? MAY_YET : NOTHING): AppError {
  return new AppError('log-unavailable', cause instanceof Error ? cause.message : 'The event log cannot be written.', { publicMessage, retryable: true, retryAfterMs: RETRY_AFTER_MS, cause });
}

function mayBeWritten(cause: unknown): boolean {
  return cause instanceof AppError && cause.details['mayBeWritten'] === true;
}

/** @returns null when `promise` took longer */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, ms, null)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
