import type { TenantState } from '@hooklane/contracts/topics';
import { AppError, toAppError, type Clock, type IdSource } from '@hooklane/kernel';
import type { ClaimBook, ClaimRequest, GrantedClaim } from '../claims/claim-book.js';
import type { Catalog, QuotaLimit } from '../ports.js';
import { acceptedRecord } from '../publish/accepted-record.js';
import { checkEvent } from '../publish/check-event.js';
import type { Publication, PublishedEvent } from '../publish/published-event.js';
import type { SchemaCache } from '../publish/schema-cache.js';
import type { QuotaKeeper } from '../quota/quota-keeper.js';
import type { AdmissionGate } from '../admission/admission-gate.js';
import { inTurns } from '../admission/in-turns.js';
import { MAY_YET, unavailable, within, type LogAppend } from './log-append.js';
import { answered, refused, withinQuota, type Acceptance, type Turn } from './turn.js';

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
      const acceptances = this.plainOne(tenant, submissions) ?? (await this.submitAdmitted(tenant, submissions));
      void (acceptances.length === 1 ? acceptances[0] : Promise.all(acceptances))?.then(() => admission.left(submissions.length));
      return acceptances;
    } catch (error) {
      admission.left(submissions.length);
      throw error;
    }
  }

  /** A single event without id, key or quota, as most are: nothing is to be waited for before its append, so none of the lists and promises of a batch is made. */
  private plainOne(tenant: TenantState, submissions: readonly Submission[]): readonly Promise<Acceptance>[] | undefined {
    const [only] = submissions;
    if (only === undefined || submissions.length > 1 || isKeyed(only) || this.limitOf(tenant) !== null) return undefined;
    const checked = this.check(only, tenant);
    return [checked instanceof AppError ? Promise.resolve(refused(checked)) : this.accept(tenant.tenantId, checked.event)];
  }

  private async submitAdmitted(tenant: TenantState, submissions: readonly Submission[]): Promise<readonly Promise<Acceptance>[]> {
    const checked = await inTurns(submissions, (submission) => this.check(submission, tenant));
    // Claims first: the repeat of what was accepted costs no quota, or a batch beyond the burst could never be completed by repeating it.
    const claimed = checked.some(isKeyed) ? await Promise.all(checked.map((submission) => (isKeyed(submission) ? this.claim(tenant, submission) : null))) : [];
    const turns = checked.map((submission, index) => claimed[index] ?? this.turnOf(tenant.tenantId, submission));
    return inTurns(await this.allowed(tenant, turns), (turn) => turn.go());
  }

  /** Of what needs no claim. */
  private turnOf(tenantId: string, submission: Submission): Turn {
    if (submission instanceof AppError) return answered(refused(submission));
    return { go: () => this.accept(tenantId, submission.event), giveUp: () => undefined };
  }

  private check(submission: Submission, tenant: TenantState): Submission {
    if (submission instanceof AppError) return submission;
    const { catalog, schemas } = this.parts;
    const { type, project } = submission.event;
    const registered = { type: catalog.eventType(tenant.tenantId, type), project: project === '' ? undefined : catalog.projectNamed(tenant.tenantId, project) };
    return checkEvent(submission.event, tenant, registered, schemas.of) ?? submission;
  }

  private allowed(tenant: TenantState, turns: readonly Turn[]): readonly Turn[] | Promise<readonly Turn[]> {
    const limit = this.limitOf(tenant);
    return limit === null ? turns : withinQuota(turns, limit, (count) => this.parts.quota.take(tenant.tenantId, count, limit));
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
  private async claim(tenant: TenantState, publication: Publication, tries = ELSEWHERE_TRIES): Promise<Turn> {
    const { claims, timeoutMs } = this.parts;
    try {
      const answer = await claims.claim(this.claimRequest(tenant.tenantId, publication));
      switch (answer.kind) {
        case 'granted':
          return { go: () => this.acceptClaimed(tenant.tenantId, publication.event, answer), giveUp: answer.release };
        case 'repeat':
          return answered(repeated(answer));
        case 'reused':
          return answered(refused(reused(publication)));
        case 'under-way':
          return {
            go: async () => {
              const first = await within(answer.done, timeoutMs);
              if (first === 'elsewhere') return this.elsewhere(tenant, publication, tries);
              if (first === null) return refused(unavailable(null, MAY_YET));
              return first instanceof AppError ? refused(first) : repeated(first);
            },
          };
        case 'elsewhere':
          return { go: () => this.elsewhere(tenant, publication, tries) };
        default:
          return answer satisfies never;
      }
    } catch (error) {
      return answered(refused(toAppError(error)));
    }
  }

  private async acceptClaimed(tenantId: string, event: PublishedEvent, claim: GrantedClaim): Promise<Acceptance> {
    const { eventId, acceptedAtMs } = claim;
    const error = await this.parts.append.orGoOn(this.record(tenantId, event, eventId, acceptedAtMs), (failure) => (failure ? claim.release(failure) : claim.settle()));
    return error ? refused(error) : { ok: true, id: eventId, acceptedAtMs, repeated: false };
  }

  private async elsewhere(tenant: TenantState, publication: Publication, tries: number): Promise<Acceptance> {
    if (tries === 0) return refused(unavailable(null, 'Another process is still accepting the event of this id; repeat the request.'));
    await new Promise((resolve) => setTimeout(resolve, ELSEWHERE_PAUSE_MS));
    const [turn] = await this.allowed(tenant, [await this.claim(tenant, publication, tries - 1)]);
    return (turn as Turn).go();
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

function repeated({ eventId, acceptedAtMs }: { eventId: string; acceptedAtMs: number }): Acceptance {
  return { ok: true, id: eventId, acceptedAtMs, repeated: true };
}

function reused({ event }: Publication): AppError {
  return new AppError('id-reused', event.id === null ? 'The idempotency key was used with another request.' : `The id "${event.id}" was used with another request.`, {
    details: { pointer: event.id === null ? '' : '/id' },
  });
}
