import type { TenantState } from '@hooklane/contracts/topics';
import { AppError, toAppError, type Clock, type IdSource } from '@hooklane/kernel';
import type { ClaimBook, ClaimRequest } from '../claims/claim-book.js';
import type { Catalog, QuotaLimit } from '../ports.js';
import { acceptedRecord } from '../publish/accepted-record.js';
import { checkEvent } from '../publish/check-event.js';
import type { Publication, PublishedEvent } from '../publish/published-event.js';
import type { SchemaCache } from '../publish/schema-cache.js';
import type { QuotaKeeper } from '../quota/quota-keeper.js';
import type { AdmissionGate } from '../admission/admission-gate.js';
import { inTurns } from '../admission/in-turns.js';
import { unavailable, within, type LogAppend } from './log-append.js';

export type Acceptance =
  | { readonly ok: true; readonly id: string; readonly acceptedAtMs: number; readonly repeated: boolean }
  | { readonly ok: false; readonly error: AppError };

/** What could be read of one event of a request, or why it could not. */
export type Submission = Publication | AppError;

export interface AcceptorParts {
  readonly catalog: Catalog;
  readonly schemas: SchemaCache;
  readonly quota: QuotaKeeper;
  readonly claims: ClaimBook;
  readonly append: LogAppend;
  readonly admission: Pick<AdmissionGate, 'enter' | 'left'>;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly hashOf: (event: PublishedEvent) => Uint8Array;
  readonly partitionOf: (tenantId: string, orderingKey: string) => number;
  /** Of this process; new at every start. */
  readonly incarnation: string;
  readonly timeoutMs: number;
  /** Quota of tenants without one; 0: none. */
  readonly defaultEventsPerSecond: number;
}

/** While another process is accepting the same id: how often it is asked again, and how long. */
const ELSEWHERE_PAUSE_MS = 100;
const ELSEWHERE_TRIES = 30;

/** From a well-formed event to its place in the log (semantics.md, "From event to request", 1). */
export class EventAcceptor {
  private sequence = 0;

  constructor(private readonly parts: AcceptorParts) {}

  /** @throws AppError `log-unavailable` when it cannot be known in time what was changed last */
  async catchUp(): Promise<void> {
    const { catalog, timeoutMs } = this.parts;
    const answer = await within(
      catalog.caughtUp().then(() => 'known' as const, () => null),
      timeoutMs,
    );
    if (answer === null) throw unavailable(null);
  }

  /**
   * Accepts the events of one request, in order. What was confirmed before the request must be known by now: the host's guard has seen to it for
   * every call, streams call `catchUp` themselves.
   * @returns once every append is on its way, so that what is submitted next stands behind them; each promise resolves when its event is in the log, and never rejects
   * @throws AppError `not-found` for an unknown tenant, `overloaded` when the platform is too far behind
   */
  async submit(tenantId: string, submissions: readonly Submission[]): Promise<readonly Promise<Acceptance>[]> {
    const tenant = this.parts.catalog.tenant(tenantId);
    if (!tenant) throw new AppError('not-found', `There is no tenant "${tenantId}".`, { publicMessage: 'There is no such tenant.' });
    const { admission } = this.parts;
    const entered = admission.enter(tenantId, submissions.length, bytesOf(submissions));
    if (entered) await entered;
    try {
      const acceptances = await this.submitAdmitted(tenant, submissions);
      void Promise.all(acceptances).then(() => admission.left(submissions.length));
      return acceptances;
    } catch (error) {
      admission.left(submissions.length);
      throw error;
    }
  }

  private async submitAdmitted(tenant: TenantState, submissions: readonly Submission[]): Promise<readonly Promise<Acceptance>[]> {
    const { tenantId } = tenant;
    const checked = await inTurns(submissions, (submission) => this.check(submission, tenant));
    const allowed = await this.withinQuota(tenant, checked);
    const keyed = allowed.some(isKeyed) ? await Promise.all(allowed.map((submission) => (isKeyed(submission) ? this.claim(tenantId, submission) : null))) : [];
    return inTurns(allowed, (submission, index) => {
      if (submission instanceof AppError) return Promise.resolve(refused(submission));
      return keyed[index]?.() ?? this.accept(tenantId, submission.event);
    });
  }

  private check(submission: Submission, tenant: TenantState): Submission {
    if (submission instanceof AppError) return submission;
    const { catalog, schemas } = this.parts;
    const { type, project } = submission.event;
    const registered = { type: catalog.eventType(tenant.tenantId, type), project: catalog.projectNamed(tenant.tenantId, project) };
    return checkEvent(submission.event, tenant, registered, schemas.of) ?? submission;
  }

  private async withinQuota(tenant: TenantState, submissions: readonly Submission[]): Promise<readonly Submission[]> {
    const limit = this.limitOf(tenant);
    if (limit === null) return submissions;
    const wanted = submissions.filter((submission) => !(submission instanceof AppError)).length;
    if (wanted === 0) return submissions;
    let left = await this.parts.quota.take(tenant.tenantId, wanted, limit);
    const exceeded = quotaExceeded(limit, wanted - left);
    // The first ones go, so that the order among those accepted is the publisher's.
    return submissions.map((submission) => (submission instanceof AppError || left-- > 0 ? submission : exceeded));
  }

  private limitOf(tenant: TenantState): QuotaLimit | null {
    const eventsPerSecond = tenant.eventsPerSecond || this.parts.defaultEventsPerSecond;
    return eventsPerSecond === 0 ? null : { eventsPerSecond, burst: Math.max(1, tenant.eventsBurst || eventsPerSecond) };
  }

  private async accept(tenantId: string, event: PublishedEvent): Promise<Acceptance> {
    const acceptedAtMs = this.parts.clock.nowMs();
    const id = this.parts.ids.next('evt');
    const error = await this.parts.append.orGiveUp(this.record(tenantId, event, id, acceptedAtMs));
    return error ? refused(error) : { ok: true, id, acceptedAtMs, repeated: false };
  }

  /** The append, or what else is to be done, is returned rather than begun: it must wait for its turn among the events of the request. */
  private async claim(tenantId: string, publication: Publication, tries = ELSEWHERE_TRIES): Promise<() => Promise<Acceptance>> {
    const { claims } = this.parts;
    try {
      const answer = await claims.claim(this.claimRequest(tenantId, publication));
      switch (answer.kind) {
        case 'granted': {
          const { eventId, acceptedAtMs } = answer;
          return async () => {
            const error = await this.parts.append.orGoOn(this.record(tenantId, publication.event, eventId, acceptedAtMs), (written) => (written ? answer.settle() : answer.release()));
            return error ? refused(error) : { ok: true, id: eventId, acceptedAtMs, repeated: false };
          };
        }
        case 'repeat':
          return () => Promise.resolve(repeated(answer));
        case 'reused':
          return () => Promise.resolve(refused(reused(publication)));
        case 'under-way':
          return async () => {
            const first = await within(answer.done, this.parts.timeoutMs);
            if (first === 'elsewhere') return this.elsewhere(tenantId, publication, tries);
            return first ? repeated(first) : refused(unavailable(null));
          };
        case 'elsewhere':
          return () => this.elsewhere(tenantId, publication, tries);
        default:
          return answer satisfies never;
      }
    } catch (error) {
      return () => Promise.resolve(refused(toAppError(error)));
    }
  }

  private async elsewhere(tenantId: string, publication: Publication, tries: number): Promise<Acceptance> {
    if (tries === 0) return refused(unavailable(null, 'Another process is still accepting the event of this id; repeat the request.'));
    await new Promise((resolve) => setTimeout(resolve, ELSEWHERE_PAUSE_MS));
    return (await this.claim(tenantId, publication, tries - 1))();
  }

  private claimRequest(tenantId: string, { event, idempotencyKey }: Publication): ClaimRequest {
    const keys = [...(event.id === null ? [] : [`id:${event.id}`]), ...(idempotencyKey === null ? [] : [`key:${idempotencyKey}`])];
    return { tenantId, keys, hash: this.parts.hashOf(event), eventId: event.id ?? this.parts.ids.next('evt'), acceptedAtMs: this.parts.clock.nowMs() };
  }

  private record(tenantId: string, event: PublishedEvent, eventId: string, acceptedAtMs: number): ReturnType<typeof acceptedRecord> {
    const partition = this.parts.partitionOf(tenantId, event.orderingKey);
    return acceptedRecord(event, { tenantId, eventId, acceptedAtMs, incarnation: this.parts.incarnation, sequence: ++this.sequence, partition });
  }
}

function bytesOf(submissions: readonly Submission[]): number {
  return submissions.reduce((sum, submission) => sum + (submission instanceof AppError ? 0 : submission.event.data.length), 0);
}

function isKeyed(submission: Submission): submission is Publication {
  return !(submission instanceof AppError) && (submission.event.id !== null || submission.idempotencyKey !== null);
}

function refused(error: AppError): Acceptance {
  return { ok: false, error };
}

function repeated({ eventId, acceptedAtMs }: { eventId: string; acceptedAtMs: number }): Acceptance {
  return { ok: true, id: eventId, acceptedAtMs, repeated: true };
}

function reused({ event }: Publication): AppError {
  return new AppError('id-reused', event.id === null ? 'The idempotency key was used with another request.' : `The id "${event.id}" was used with another request.`, {
    details: { pointer: event.id === null ? '' : '/id' },
  });
}

function quotaExceeded({ eventsPerSecond }: QuotaLimit, missing: number): AppError {
  const retryAfterMs = Math.ceil((Math.max(1, missing) / eventsPerSecond) * 1_000);
  return new AppError('quota-exceeded', `The tenant may publish ${eventsPerSecond} events per second.`, { retryable: true, retryAfterMs, details: { eventsPerSecond } });
}
