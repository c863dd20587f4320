import { DeliveryOutcome } from '@hooklane/contracts/topics';
import type { Answered } from '@hooklane/service-host/testing';
import { loggedAttempt } from '../../src/delivery-log/logged-attempt.js';
import type { DeliveryLogs, LoggedAttempt, Receivers, SampleEvent, SentOutcome } from '../../src/ports.js';
import { startRegistry, type RegistryUnderTest } from '../registry-service.js';

/** What the receivers were sent, and how they answer; stands in for the delivery service and log-query. */
class OutsideWorld {
  readonly tests: { hookId: string; sample: SampleEvent; actor: string }[] = [];
  readonly resends: { attempt: LoggedAttempt; actor: string }[] = [];
  /** Newest first. */
  rows: LoggedAttempt[] = [];
  answer: { readonly status: number; readonly body?: string; readonly errorCode?: string; readonly errorSentence?: string } = { status: 200, body: 'ok' };
  private offset = 0;

  readonly receivers: Receivers = {
    test: ({ tenantId, hookId, sample, actor }) => {
      this.tests.push({ hookId, sample, actor });
      return Promise.resolve(this.sent(tenantId, hookId, { trigger: 'test', eventType: sample.type, project: sample.project, body: sample.data }));
    },
    probe: () => Promise.reject(new Error('Taiga probes nobody.')),
    resend: ({ tenantId, attempt, actor }) => {
      this.resends.push({ attempt, actor });
      const { hookId, eventType, project, requestBody: body } = attempt;
      return Promise.resolve(this.sent(tenantId, hookId, { trigger: 'resend', eventType, project, body }));
    },
  };

  readonly logs: DeliveryLogs = {
    ofHook: ({ tenantId, hookId, limit }) => Promise.resolve(this.rowsOf(tenantId, hookId).slice(0, limit)),
    ofProject: () => Promise.reject(new Error('Taiga has no log of a project.')),
    byNumber: ({ tenantId, number }) => Promise.resolve(this.rows.find((row) => row.number === number && this.tenants.get(row.hookId) === tenantId) ?? null),
    counts: ({ tenantId, hookIds, atMost }) => Promise.resolve(new Map(hookIds.map((hookId) => [hookId, Math.min(atMost, this.rowsOf(tenantId, hookId).length)]))),
  };

  private readonly tenants = new Map<string, string>();

  /** An event went to the hook. */
  delivered(tenantId: string, hookId: string, body: string): LoggedAttempt {
    const { outcome, place } = this.sent(tenantId, hookId, { trigger: 'event', eventType: 'task.create', project: '', body: Buffer.from(body) });
    return loggedAttempt(outcome, place);
  }

  private rowsOf(tenantId: string, hookId: string): LoggedAttempt[] {
    return this.rows.filter((row) => row.hookId === hookId && this.tenants.get(hookId) === tenantId);
  }

  private sent(tenantId: string, hookId: string, made: { trigger: string; eventType: string; project: string; body: Buffer }): SentOutcome {
    const { status, body = '', errorCode = '', errorSentence = '' } = this.answer;
    const offset = this.offset++;
    const isAnswered = status > 0;
    const outcome: DeliveryOutcome = {
      ...DeliveryOutcome.decode(new Uint8Array()),
      tenantId, hookId, eventId: `evt_${offset}`, trigger: made.trigger, eventType: made.eventType, project: made.project,
      attempt: {
        attemptId: `att_${offset}`, number: 1, startedAtMs: Date.UTC(2026, 0, 2) + offset * 1_000, connectUs: 0, firstByteUs: 0, totalUs: 78_000,
        outcomeClass: isAnswered && status < 300 ? 'success' : 'rejected', errorCode, errorSentence, status, requestUrl: 'https://ci.example/taiga',
        requestHeaders: [{ name: 'Content-Type', value: 'application/json' }], requestBody: made.body, requestBodyIsEventData: false,
        responseHeaders: isAnswered ? [{ name: 'content-type', value: 'text/plain' }] : [], responseBody: Buffer.from(body), responseBodyCut: false,
      },
    };
    const sent = { outcome, place: { partition: 0, offset } };
    this.tenants.set(hookId, tenantId);
    this.rows.unshift(loggedAttempt(sent.outcome, sent.place));
    return sent;
  }
}

export interface TaigaRegistry extends RegistryUnderTest {
  readonly outside: OutsideWorld;
  /** A call of Taiga's API. @param token null: nobody's */
  taiga(method: string, path: string, token: string | null, body?: unknown): Promise<Answered>;
  /** A new user of the tenant, with these roles in projects by their id; what a login gives it. */
  user(tenant: string, userName: string, roles?: Readonly<Record<string, string>>, role?: string): Promise<string>;
  /** A new project of the tenant. */
  project(tenant: string, key: string): Promise<{ readonly id: string }>;
}

export const PASSWORD = 'correct horse battery';

/** The registry with the outside world replaced. */
export async function startTaigaRegistry(): Promise<TaigaRegistry> {
  const outside = new OutsideWorld();
  const started = await startRegistry({}, { ports: { receivers: outside.receivers, logs: outside.logs } });
  const { call } = started;
  const taiga: TaigaRegistry['taiga'] = (method, path, token, body) => call(method, `/api/v1${path}`, { key: token, ...(body === undefined ? {} : { body }) });
  return {
    ...started,
    outside,
    taiga,
    project: async (tenant, key) => (await call('POST', `/v1/tenants/${tenant}/projects`, { body: { key, name: key.toUpperCase() } })).body as { id: string },
    user: async (tenant, userName, roles = {}, role = 'member') => {
      const { body } = await call('POST', `/v1/tenants/${tenant}/users`, { body: { name: `${userName} of ${tenant}`, email: `${userName}@${tenant}.example`, userName, role } });
      await call('PUT', `/v1/tenants/${tenant}/users/${body.id}/password`, { body: { password: PASSWORD } });
      for (const [project, memberRole] of Object.entries(roles)) await call('PUT', `/v1/tenants/${tenant}/projects/${project}/members/${body.id}`, { body: { role: memberRole } });
      return (await taiga('POST', '/auth', null, { type: 'normal', username: `${tenant}/${userName}`, password: PASSWORD })).body.auth_token as string;
    },
  };
}
