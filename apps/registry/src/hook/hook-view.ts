import type { HookSnapshot, HookView } from '@hooklane/contracts/rest';
import { dialectOf, MASK } from '@hooklane/dialects';
import type { HookHealth } from '../ports.js';
import { shownChoices } from './dialect-choices.js';
import type { HookState } from './hook-state.js';

/** A hook's configuration as it is shown: secrets masked. */
export function hookSnapshot(hook: HookState, version: number): HookSnapshot {
  const { config } = hook;
  return {
    id: hook.hookId,
    tenant: hook.tenantId,
    name: config.name,
    url: config.displayUrl,
    enabled: hook.enabled,
    disabledReason: hook.disabledReason || null,
    dialect: hook.dialect,
    eventTypes: [...config.eventTypes],
    projects: [...config.projects],
    filter: config.filter === '' ? null : (JSON.parse(config.filter) as Record<string, unknown>),
    order: config.order,
    concurrency: config.concurrency,
    rateLimit: config.rateLimit && { ...config.rateLimit },
    retry: { ...config.retry, unavailableDelaysMs: [...config.retry.unavailableDelaysMs], rejectedDelaysMs: [...config.retry.rejectedDelaysMs] },
    timeoutMs: config.timeoutMs,
    envelope: config.envelope,
    disablePolicy: { ...config.disablePolicy },
    catchUp: config.catchUp,
    headers: Object.fromEntries(config.headers.map(({ name, value }) => [name, value])),
    secretHeaders: Object.fromEntries(config.secretHeaders.map((name) => [name, MASK])),
    basicAuth: config.basicAuthUser === null ? null : { user: config.basicAuthUser, password: MASK },
    tls: { verify: config.tls.verify, ca: config.tls.ca || null, clientCertificate: config.tls.clientCertificate || null, clientKey: config.tls.hasClientKey ? MASK : null },
    metadata: { ...config.metadata },
    dialectOptions: shownChoices(dialectOf(hook.dialect), config.dialectOptions),
    secrets: hook.signing.map(({ id, kind, publicKey, createdAtMs, expiresAtMs }) => ({ id, kind, publicKey, createdAt: iso(createdAtMs), expiresAt: expiresAtMs === 0 ? null : iso(expiresAtMs) })),
    origin: hook.origin,
    version,
    createdAt: iso(hook.createdAtMs),
    updatedAt: iso(hook.updatedAtMs),
  };
}

/** @param health undefined for a hook that has not been tried yet */
export function hookView(hook: HookState, version: number, health: HookHealth | undefined): HookView {
  // What it counted before it was enabled again says nothing about now.
  const isCurrent = health !== undefined && health.enabledEpoch >= hook.enabledEpoch;
  return {
    ...hookSnapshot(hook, version),
    colour: !hook.enabled ? 'gray' : isCurrent && health.isFailing ? 'orange' : 'green',
    failureCount: isCurrent || (health && !hook.enabled) ? health.failureCount : 0,
    lastError:
      health && health.lastErrorAtMs > 0
        ? { at: iso(health.lastErrorAtMs), code: health.lastErrorCode, message: health.lastErrorSentence, status: health.lastErrorStatus || null }
        : null,
    lastSuccessAt: health && health.lastSuccessAtMs > 0 ? iso(health.lastSuccessAtMs) : null,
    warnings: warningsOf(hook),
  };
}

/** B5, I7: events hold what the network between must not read. */
function warningsOf({ config }: HookState): HookView['warnings'] {
  if (!config.displayUrl.startsWith('http:')) return [];
  return [{ code: 'insecure-url', message: 'The address begins with http: events, and the credentials sent with them, can be read on the way. Use https.' }];
}

const iso = (ms: number): string => new Date(ms).toISOString();
