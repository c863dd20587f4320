import type { HookFields } from '@hooklane/contracts/grpc';
import type { HistoryEntry, HookSnapshot } from '@hooklane/contracts/rest';
import { filled, parsedJson, present } from './grpc-fields.js';

/** The fields of a message under the names, and in the shapes, that REST gives them; undefined where they are absent. */
export function hookFields(hook: HookFields | undefined | null): Record<string, unknown> {
  if (!hook) return {};
  const { name, url, enabled, order, concurrency, rateLimit, timeoutMs, envelope, catchUp, retry, disablePolicy, basicAuth, tls } = hook;
  return {
    name,
    url,
    enabled,
    eventTypes: filled(hook.eventTypes),
    projects: filled(hook.projects),
    filter: parsedJson('filterJson', hook.filterJson),
    order,
    concurrency,
    rateLimit: rateLimit ? present({ perSecond: rateLimit.perSecond }) : undefined,
    catchUp,
    timeoutMs,
    envelope,
    retry: retry
      ? present({
          unavailableDelaysMs: retry.unavailableDelays?.ms,
          unavailableGiveUpMs: retry.unavailableGiveUpMs,
          rejectedDelaysMs: retry.rejectedDelays?.ms,
          onExhausted: retry.onExhausted,
        })
      : undefined,
    disablePolicy: disablePolicy ? present({ limit: disablePolicy.limit, count: disablePolicy.count }) : undefined,
    headers: filled(hook.headers),
    secretHeaders: filled(hook.secretHeaders),
    basicAuth: basicAuth ? present({ user: basicAuth.user, password: basicAuth.password }) : undefined,
    tls: tls ? present({ verify: tls.verify, ca: tls.ca, clientCertificate: tls.clientCertificate, clientKey: tls.clientKey }) : undefined,
    metadata: filled(hook.metadata),
    dialectOptions: parsedJson('dialectOptionsJson', hook.dialectOptionsJson),
  };
}

/** The names are REST's but for what is JSON text here; nulls are left out on the wire. */
export function hookMessage(hook: HookSnapshot): object {
  return { ...hook, filterJson: hook.filter === null ? '' : JSON.stringify(hook.filter), dialectOptionsJson: JSON.stringify(hook.dialectOptions) };
}

export function historyMessage(entry: HistoryEntry): object {
  return { ...entry, difference: entry.difference.map(({ field, before, after }) => ({ field, beforeJson: JSON.stringify(before), afterJson: JSON.stringify(after) })) };
}
