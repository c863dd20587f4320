import { limits } from '@hooklane/contracts';
import type { IncidentListQuery, IncidentPage, IncidentSummary, IncidentView } from '@hooklane/contracts/rest';
import { IncidentChanged, Topics } from '@hooklane/contracts/topics';
import type { EventLog } from '@hooklane/event-log';
import { AppError, type Clock } from '@hooklane/kernel';
import type { Cursors, IncidentQueries } from '../ports.js';
import { canBeReinjected, incidentSummary, incidentView } from '../views/incident-view.js';
import { reinjectedRecord } from './reinjected-record.js';
import { notFound } from './retention.js';

export const incidentAnswers = { reinject: 'reinjected', skip: 'skipped', acknowledge: 'acknowledged' } as const;
export type IncidentAnswerKind = keyof typeof incidentAnswers;
export const INCIDENT_ANSWER_KINDS = Object.keys(incidentAnswers) as readonly IncidentAnswerKind[];

/** Who asks: a tenant sees its own incidents; null is the platform, which sees all. */
export interface Asker {
  readonly tenantId: string | null;
  readonly actor: string;
}

/** What a person must look at, and what they answer. An answer goes to the same topic; the first one counts. */
export class IncidentDesk {
  constructor(
    private readonly incidents: IncidentQueries,
    private readonly log: Pick<EventLog, 'append'>,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
  ) {}

  async list(asker: Asker, { cursor, limit = limits.pageSize, ...filter }: IncidentListQuery): Promise<IncidentPage> {
    const scope = JSON.stringify(['incidents', asker.tenantId, filter]);
    const after = cursor === undefined ? null : this.cursors.open(scope, cursor);
    const { records, next } = await this.incidents.page(asker.tenantId, filter, limit, after);
    return { items: records.map((record) => incidentSummary(IncidentChanged.decode(record))), next: next && this.cursors.seal(scope, next) };
  }

  async inspect(asker: Asker, incidentId: string): Promise<IncidentView> {
    return incidentView(await this.find(asker, incidentId));
  }

  /** @throws AppError `invalid-state` when it was answered already, or has no record to re-inject */
  async answer(asker: Asker, incidentId: string, answer: IncidentAnswerKind, reason: string): Promise<IncidentSummary> {
    const incident = await this.find(asker, incidentId);
    const nowMs = this.clock.nowMs();
    // The same answer of the same person again: their first one may have been lost on its way back.
    if (incident.state === incidentAnswers[answer] && incident.answeredBy === asker.actor && incident.answerReason === reason) return incidentSummary(incident);
    if (incident.state !== 'open') throw new AppError('invalid-state', `The incident was ${incident.state} by ${incident.answeredBy}.`);
    if (answer === 'reinject' && !canBeReinjected(incident)) throw new AppError('invalid-state', 'The incident has no record that could be re-injected.');
    if (!(await this.incidents.claim(incidentId, asker.actor, nowMs))) throw new AppError('invalid-state', 'Somebody else is answering the incident.', { retryable: true });
    return incidentSummary(await this.carryOut({ ...incident, state: incidentAnswers[answer], answeredBy: asker.actor, answerReason: reason, answeredAtMs: nowMs }, answer));
  }

  /** The record goes first: a crash in between leaves the incident open, and at worst the record goes twice. */
  private async carryOut(answered: IncidentChanged, answer: IncidentAnswerKind): Promise<IncidentChanged> {
    try {
      if (answer === 'reinject') await this.log.append([reinjectedRecord(answered)]);
      const value = Buffer.from(IncidentChanged.encode(answered).finish());
      await this.log.append([{ topic: Topics.incidentsChanged, partition: 0, key: answered.incidentId, value }]);
      await this.incidents.settled(answered.incidentId, answered.state, value);
      return answered;
    } catch (error) {
      await this.incidents.release(answered.incidentId).catch(() => undefined);
      throw error;
    }
  }

  private async find(asker: Asker, incidentId: string): Promise<IncidentChanged> {
    const record = await this.incidents.find(asker.tenantId, incidentId);
    if (!record) throw notFound('incident');
    return IncidentChanged.decode(record);
  }
}
