import { AppError } from '@hooklane/kernel';
import type { QuotaLimit } from '../ports.js';

export type Acceptance =
  | { readonly ok: true; readonly id: string; readonly acceptedAtMs: number; readonly repeated: boolean }
  | { readonly ok: false; readonly error: AppError };

/** What is to be done for one event when it is its turn among those of its request. */
export interface Turn {
  readonly go: () => Promise<Acceptance>;
  /** Only where `go` would accept a new event, which costs quota: gives up what is held for it, instead of `go`. */
  readonly giveUp?: (error: AppError) => void;
}

/** What is known without doing anything: a refusal or the first answer again. Costs no quota. */
export function answered(acceptance: Acceptance): Turn {
  return { go: () => Promise.resolve(acceptance) };
}

export function refused(error: AppError): Acceptance {
  return { ok: false, error };
}

/** @param take says how many of the new events may go; not asked when there are none */
export async function withinQuota(turns: readonly Turn[], limit: QuotaLimit, take: (count: number) => number | Promise<number>): Promise<readonly Turn[]> {
  const wanted = turns.filter((turn) => turn.giveUp).length;
  if (wanted === 0) return turns;
  let left = await take(wanted);
  if (left >= wanted) return turns;
  const exceeded = quotaExceeded(limit, wanted - left);
  // The first ones go, so that the order among those accepted is the publisher's.
  return turns.map((turn) => {
    if (!turn.giveUp || left-- > 0) return turn;
    turn.giveUp(exceeded);
    return answered(refused(exceeded));
  });
}

function quotaExceeded({ eventsPerSecond }: QuotaLimit, missing: number): AppError {
  const retryAfterMs = Math.ceil((Math.max(1, missing) / eventsPerSecond) * 1_000);
  return new AppError('quota-exceeded', `The tenant may publish ${eventsPerSecond} events per second.`, { retryable: true, retryAfterMs, details: { eventsPerSecond } });
}
