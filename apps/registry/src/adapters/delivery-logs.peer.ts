import type { CountLoggedAttemptsResponse, ListLoggedAttemptsResponse, StoredAttempt } from '@hooklane/contracts/grpc';
import { DeliveryOutcome } from '@hooklane/contracts/topics';
import type { Peers } from '@hooklane/service-host';
import { loggedAttempt } from '../delivery-log/logged-attempt.js';
import type { DeliveryLogs, LoggedAttempt, LoggedPage, Numbers } from '../ports.js';

/** With their bodies, so that an answer fits into a message. */
const PER_CALL = 10;
const LIMIT_MAX = 100;
/** Whose right it is has been decided by the API that asks. */
const ACTOR = 'service:registry';

interface Selection {
  readonly hooks: readonly string[];
  readonly project?: string;
}

/** The log of attempts, from log-query. */
export class PeerDeliveryLogs implements DeliveryLogs {
  constructor(
    private readonly peers: Peers,
    private readonly numbers: Pick<Numbers, 'all'>,
  ) {}

  ofHook({ hookId, ...page }: Parameters<DeliveryLogs['ofHook']>[0]): Promise<readonly LoggedAttempt[]> {
    return this.page(page, { hooks: [hookId] });
  }

  async ofProject({ dialect, projectId, ...page }: Parameters<DeliveryLogs['ofProject']>[0]): Promise<readonly LoggedAttempt[]> {
    const hooks = [...(await this.numbers.all(page.tenantId, `hook/${dialect}`)).keys()];
    return hooks.length === 0 ? [] : this.page(page, { hooks, project: projectId });
  }

  async byNumber({ tenantId, number }: Parameters<DeliveryLogs['byNumber']>[0]): Promise<LoggedAttempt | null> {
    if (!Number.isSafeInteger(number) || number < 1) return null;
    return (await this.list(tenantId, { number, limit: 1 }))[0] ?? null;
  }

  async counts({ tenantId, hookIds, atMost }: Parameters<DeliveryLogs['counts']>[0]): Promise<ReadonlyMap<string, number>> {
    if (hookIds.length === 0) return new Map();
    const { items } = await this.peers.call<CountLoggedAttemptsResponse>({
      peer: 'log-query', service: 'AttemptLogService', method: 'CountLoggedAttempts', request: { hooks: hookIds, atMost: Math.min(atMost, LIMIT_MAX) }, for: { tenantId, actor: ACTOR },
    });
    return new Map(items.map(({ hook, count }) => [hook, count]));
  }

  private async page({ tenantId, limit, before = 0 }: LoggedPage, selection: Selection): Promise<readonly LoggedAttempt[]> {
    const found: LoggedAttempt[] = [];
    const wanted = Math.min(limit, LIMIT_MAX);
    while (found.length < wanted) {
      const ask = Math.min(PER_CALL, wanted - found.length);
      const part = await this.list(tenantId, { ...selection, before: found.at(-1)?.number ?? before, limit: ask });
      found.push(...part);
      if (part.length < ask) break;
    }
    return found;
  }

  private async list(tenantId: string, request: object): Promise<LoggedAttempt[]> {
    const { items } = await this.peers.call<ListLoggedAttemptsResponse>({ peer: 'log-query', service: 'AttemptLogService', method: 'ListLoggedAttempts', request, for: { tenantId, actor: ACTOR } });
    return items.map(({ outcome, partition, offset, eventData }: StoredAttempt) => loggedAttempt(DeliveryOutcome.decode(outcome), { partition, offset }, eventData));
  }
}
