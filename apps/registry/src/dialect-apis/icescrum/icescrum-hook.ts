import type { HookHealth } from '../../ports.js';
import type { HookState } from '../../hook/hook-state.js';
import { shownEvents } from './workspace-codes.js';

/** A hook as iceScrum's REST API shows it (dialects design 4.2, "Object"). */
export interface IcescrumHook {
  readonly class: 'Hook';
  readonly id: number;
  readonly url: string;
  readonly secret: string | null;
  readonly source: 'webhook' | 'resthook';
  readonly workspaceId: number | null;
  readonly workspaceType: 'project' | null;
  readonly events: readonly string[];
  readonly eventMessageRendererClass: null;
  readonly enabled: boolean;
  readonly ignoreSsl: boolean;
  readonly countErrors: number;
  readonly lastError: string | null;
  readonly dateCreated: string;
  readonly lastUpdated: string;
  readonly dateLastRequest: string | null;
}

export interface IcescrumHookFacts {
  /** The hook's in this API. */
  readonly number: number;
  readonly hook: Pick<HookState, 'config' | 'enabled' | 'enabledEpoch' | 'origin' | 'createdAtMs' | 'updatedAtMs'>;
  /** In clear: iceScrum shows both to who may administrate them. */
  readonly secrets: { readonly url: string; readonly signing: readonly { readonly value: string }[] };
  /** The project's number; null: a hook of the server. */
  readonly workspaceId: number | null;
  readonly health: HookHealth | undefined;
  /** Standard reason phrase of a status; empty for one that has none. */
  reasonOf(status: number): string;
}

export function icescrumHook({ number, hook, secrets, workspaceId, health, reasonOf }: IcescrumHookFacts): IcescrumHook {
  const countErrors = countErrorsOf(hook, health);
  return {
    class: 'Hook',
    id: number,
    url: secrets.url,
    secret: secrets.signing.at(-1)?.value ?? null,
    source: sourceOf(hook.origin),
    workspaceId,
    workspaceType: workspaceId === null ? null : 'project',
    events: shownEvents(hook.config.eventTypes, workspaceId === null ? 'server' : 'project'),
    eventMessageRendererClass: null,
    enabled: hook.enabled,
    ignoreSsl: !hook.config.tls.verify,
    countErrors,
    lastError: health && countErrors > 0 ? lastErrorOf(health, reasonOf) : null,
    dateCreated: seconds(hook.createdAtMs),
    lastUpdated: seconds(hook.updatedAtMs),
    dateLastRequest: health && health.lastSuccessAtMs > 0 ? seconds(health.lastSuccessAtMs) : null,
  };
}

/** Made by hand or by a program; the product knows no more, and it never changes (I19). */
export function sourceOf(origin: string): IcescrumHook['source'] {
  return origin === 'console' ? 'webhook' : 'resthook';
}

/** A hook that was enabled again begins at 0; one that its failures disabled keeps their number. */
function countErrorsOf(hook: IcescrumHookFacts['hook'], health: HookHealth | undefined): number {
  return health && (health.enabledEpoch >= hook.enabledEpoch || !hook.enabled) ? health.failureCount : 0;
}

/** As the product words it; its status line and data are those of the answer, and of none where there was no answer. */
function lastErrorOf({ lastErrorStatus: status, lastErrorSentence }: HookHealth, reasonOf: IcescrumHookFacts['reasonOf']): string {
  const statusLine = status === 0 ? 'null' : `HTTP/1.1 ${status} ${reasonOf(status)}`.trimEnd();
  return `StatusCode: ${status} - statusLine: ${statusLine} - data: ${lastErrorSentence}`;
}

function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
}
