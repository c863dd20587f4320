import { errorShapeOf } from '@hooklane/contracts';
import type { SourceState, TenantState } from '@hooklane/contracts/topics';
import type { InboundVerdict } from '@hooklane/dialects';
import { AppError, toAppError, type Clock } from '@hooklane/kernel';
import type { EventAcceptor } from '../accept/event-acceptor.js';
import type { Acceptance } from '../accept/turn.js';
import type { InboundFate } from './called-record.js';
import { headerOf, queryOf, TIKI, type InboundAnswer, type InboundCall } from './inbound-call.js';
import type { InboundLog } from './inbound-log.js';
import { assertBodySize, receivedEvent } from './received-event.js';
import { sentenceOf } from './refusal-sentences.js';
import type { SourceVerifiers } from './source-verifiers.js';

export interface InboundDeskParts {
  readonly catalog: { tenant(tenantId: string): TenantState | undefined; sourcesOf(tenantId: string): readonly SourceState[] };
  readonly acceptor: Pick<EventAcceptor, 'catchUp' | 'submit'>;
  readonly verifiers: SourceVerifiers;
  readonly log: Pick<InboundLog, 'note'>;
  readonly clock: Clock;
  /** Of what may be long, or hold anything: what claims are made by. */
  readonly digestOf: (text: string) => string;
  readonly counted: (outcome: string) => void;
}

const OK: InboundAnswer = { status: 200, text: 'ok' };
/** Of Tiki, letter for letter; also for what does not exist, so that nobody finds out what does. */
const NOT_AUTHORIZED: InboundAnswer = { status: 403, text: 'Webhook not authorized.' };
const NOT_ENABLED: InboundAnswer = { status: 403, text: 'Feature not enabled' };
const NAMED_MAX = 10;

/** Who was called: the endpoint by its name in the log, and the sources to be tried for it, in order. */
interface Called {
  readonly endpoint: string;
  readonly tried: readonly SourceState[];
  /** Where none is tried. */
  readonly reason: string;
}

interface Decision {
  readonly answer: InboundAnswer;
  readonly fate: Omit<InboundFate, 'status'>;
}

/** From a call to its answer (design 3.2, K7–K11): the first source that verifies it wins, and its event is in the log before the 200. */
export class InboundDesk {
  constructor(private readonly parts: InboundDeskParts) {}

  /** Never rejects. */
  async receive(call: InboundCall): Promise<InboundAnswer> {
    const { catalog, acceptor, counted } = this.parts;
    try {
      await acceptor.catchUp();
    } catch (error) {
      counted('failed');
      return answerOf(toAppError(error));
    }
    const tenant = catalog.tenant(call.tenantId);
    if (!tenant) {
      counted('refused');
      return NOT_ENABLED;
    }
    return this.answered(call, tenant);
  }

  private async answered(call: InboundCall, tenant: TenantState): Promise<InboundAnswer> {
    const { catalog, log, counted } = this.parts;
    const sources = catalog.sourcesOf(tenant.tenantId);
    const called = calledOf(call.endpoint, sources);
    const { answer, fate } = await this.decide(call, tenant, called);
    counted(fate.outcome);
    log.note(call, called.endpoint, { ...fate, status: answer.status }, sources);
    return answer;
  }

  private async decide(call: InboundCall, tenant: TenantState, called: Called): Promise<Decision> {
    if (!tenant.webhookAccess) return { answer: NOT_ENABLED, fate: refusedBecause('feature-not-enabled', null) };
    try {
      assertBodySize(call);
      const { winner, refusal } = this.verified(call, called);
      return winner ? await this.accepted(call, winner.source, winner.callKey) : { answer: NOT_AUTHORIZED, fate: refusal };
    } catch (error) {
      return failedBy(toAppError(error), called.tried.length === 1 ? (called.tried[0] ?? null) : null);
    }
  }

  /** @throws AppError `not-ready` where nobody verifies it and somebody could not try */
  private verified(call: InboundCall, { tried, reason }: Called): { winner?: { source: SourceState; callKey: string | null }; refusal: Decision['fate'] } {
    const [only] = tried;
    if (only === undefined) return { refusal: refusedBecause(reason, null) };
    const reasons: string[] = [];
    for (const source of tried) {
      const verdict = this.verdictOf(call, source);
      if (verdict.ok) return { winner: { source, callKey: verdict.callKey }, refusal: NONE };
      reasons.push(verdict.reason);
    }
    if (reasons.includes('unusable')) throw new AppError('not-ready', 'A source cannot be used at the moment.', { retryable: true });
    if (tried.length === 1) return { refusal: refusedBecause(reasons[0] ?? '', only) };
    const sentence = tried.slice(0, NAMED_MAX).map(({ name }, index) => `"${name}": ${sentenceOf(reasons[index] ?? '')}`).join(' ');
    return { refusal: { ...refusedBecause('not-verified', null), sentence } };
  }

  private verdictOf(call: InboundCall, source: SourceState): InboundVerdict | { readonly ok: false; readonly reason: 'unusable' } {
    const { verifiers, clock } = this.parts;
    const verifier = verifiers.of(source);
    if (!verifier) return { ok: false, reason: 'unusable' };
    return verifier.verify({ header: (name) => headerOf(call, name), query: (name) => queryOf(call, name), body: call.body, nowMs: clock.nowMs() });
  }

  private async accepted(call: InboundCall, source: SourceState, callKey: string | null): Promise<Decision> {
    const isGuarded = source.replays !== 'accept';
    if (isGuarded && callKey === null) return { answer: NOT_AUTHORIZED, fate: refusedBecause('id-missing', source) };
    // The space: no publisher's Idempotency-Key has one.
    const idempotencyKey = isGuarded ? `inbound ${source.sourceId} ${this.parts.digestOf(callKey ?? '')}` : null;
    const [pending] = await this.parts.acceptor.submit(call.tenantId, [{ event: receivedEvent(source, call), idempotencyKey }]);
    const acceptance = (await pending) as Acceptance;
    if (!acceptance.ok) return acceptance.error.code === 'id-reused' ? { answer: NOT_AUTHORIZED, fate: refusedBecause('replayed', source) } : failedBy(acceptance.error, source);
    if (!acceptance.repeated) return { answer: OK, fate: { outcome: 'accepted', reason: '', sentence: '', source, eventId: acceptance.id } };
    if (source.replays === 'refuse') return { answer: NOT_AUTHORIZED, fate: { ...refusedBecause('replayed', source), eventId: acceptance.id } };
    return { answer: OK, fate: { outcome: 'repeated', reason: 'replayed', sentence: sentenceOf('replayed'), source, eventId: acceptance.id } };
  }
}

function calledOf(endpoint: string, sources: readonly SourceState[]): Called {
  if (endpoint === TIKI) {
    const tried = sources.filter(({ kind, enabled }) => kind === TIKI && enabled);
    return { endpoint, tried, reason: 'no-handler' };
  }
  const source = sources.find(({ kind, sourceId }) => kind !== TIKI && sourceId === endpoint);
  // One name for all that are none: whoever invents them gets one share of the log.
  if (!source) return { endpoint: 'unknown', tried: [], reason: 'unknown-source' };
  return { endpoint, tried: source.enabled ? [source] : [], reason: 'source-disabled' };
}

function refusedBecause(reason: string, source: SourceState | null): Decision['fate'] {
  return { outcome: 'refused', reason, sentence: sentenceOf(reason), source, eventId: '' };
}

const NONE = refusedBecause('', null);

/** What may be taken later is `failed`: the sender should try again. */
function failedBy(error: AppError, source: SourceState | null): Decision {
  const answer = answerOf(error);
  const mayTryAgain = answer.retryAfterSeconds !== undefined;
  return { answer, fate: { outcome: mayTryAgain ? 'failed' : 'refused', reason: error.code, sentence: answer.text, source, eventId: '' } };
}

function answerOf(error: AppError): InboundAnswer {
  const { status, title } = errorShapeOf(error.code);
  const text = status === 500 ? title : error.publicMessage;
  // Also of a fault of ours: the call is as good as before.
  return status >= 500 || status === 429 ? { status, text, retryAfterSeconds: Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000)) } : { status, text };
}
