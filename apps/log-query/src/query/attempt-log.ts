import { DeliveryOutcome, EventAccepted } from '@hooklane/contracts/topics';
import type { Clock } from '@hooklane/kernel';
import { attemptPlace } from '@hooklane/routing';
import type { EventQueries, LoggedAttempts, Tenants } from '../ports.js';
import { keptFromMs } from './retention.js';
import type { AttemptRecord, PlaceKey } from './stored.js';

export interface AttemptLogParts {
  readonly attempts: LoggedAttempts;
  readonly events: Pick<EventQueries, 'find'>;
  readonly tenants: Tenants;
  readonly clock: Clock;
}

export interface AttemptLogWish {
  readonly hooks: readonly string[];
  readonly project: string;
  /** 0: none. */
  readonly number: number;
  /** 0: none. */
  readonly before: number;
  readonly limit: number;
}

export interface LoggedOutcome {
  /** DeliveryOutcome, as it stands in the log. */
  readonly outcome: Buffer;
  readonly partition: number;
  readonly offset: number;
  /** Null where it was not the body, or has expired. */
  readonly eventData: Buffer | null;
}

/** The log of attempts for the dialects' APIs, with bodies. What is older than the tenant keeps it is not shown. */
export class AttemptLog {
  constructor(private readonly parts: AttemptLogParts) {}

  async list(tenantId: string, { hooks, project, number, before, limit }: AttemptLogWish): Promise<readonly LoggedOutcome[]> {
    const fromMs = this.keptFrom(tenantId);
    if (number > 0) {
      const one = await this.numbered(tenantId, number, fromMs);
      return one ? [await this.whole(tenantId, one, fromMs)] : [];
    }
    const after = before > 0 ? await this.numbered(tenantId, before, fromMs) : null;
    // It has expired meanwhile, and so has everything behind it; or it never was one.
    if (before > 0 && !after) return [];
    const found = await this.parts.attempts.newest(tenantId, { hooks, project, after: after && placeOf(after), fromMs, limit });
    return Promise.all(found.map((record) => this.whole(tenantId, record, fromMs)));
  }

  counts(tenantId: string, hooks: readonly string[], atMost: number): Promise<ReadonlyMap<string, number>> {
    return this.parts.attempts.counts(tenantId, hooks, this.keptFrom(tenantId), atMost);
  }

  private async numbered(tenantId: string, number: number, fromMs: number): Promise<AttemptRecord | null> {
    const place = attemptPlace(number);
    const found = place && (await this.parts.attempts.at(tenantId, place));
    return found && found.attempt.atMs >= fromMs ? found : null;
  }

  private async whole(tenantId: string, { attempt, record }: AttemptRecord, fromMs: number): Promise<LoggedOutcome> {
    const { attempt: result, eventId } = DeliveryOutcome.decode(record);
    const event = result?.requestBodyIsEventData ? await this.parts.events.find(tenantId, eventId) : null;
    return {
      outcome: record,
      partition: attempt.requestPartition,
      offset: attempt.logOffset,
      eventData: event && event.key.timeMs >= fromMs ? EventAccepted.decode(event.record).data : null,
    };
  }

  private keptFrom(tenantId: string): number {
    return keptFromMs(this.parts.clock.nowMs(), this.parts.tenants.retentionDays(tenantId));
  }
}

const placeOf = ({ attempt }: AttemptRecord): PlaceKey => attempt.key;
