import { HookChanged } from '@hooklane/contracts/topics';
import { dialectOf } from '@hooklane/dialects';
import { choicesText } from './dialect-choices.js';
import { sameJson } from './same-json.js';
import type { HookState } from './hook-state.js';

/** The hook's whole state as the table hooks.changed carries it. */
export function hookChangedOf(hook: HookState, version: number): HookChanged {
  if (hook.status === 'deleted') return { ...HookChanged.decode(new Uint8Array()), tenantId: hook.tenantId, hookId: hook.hookId, version, deleted: true };
  const { config } = hook;
  const matched = dialectOf(hook.dialect).catalogue.matched(config.eventTypes);
  return {
    tenantId: hook.tenantId,
    hookId: hook.hookId,
    version,
    deleted: false,
    name: config.name,
    displayUrl: config.displayUrl,
    enabled: hook.enabled,
    disabledReason: hook.disabledReason,
    enabledEpoch: hook.enabledEpoch,
    policyVersion: hook.policyVersion,
    catchUpEpoch: hook.catchUpEpoch,
    dialect: hook.dialect,
    eventTypes: [...config.eventTypes],
    projects: [...config.projects],
    filter: config.filter,
    order: config.order,
    retry: { ...config.retry, unavailableDelaysMs: [...config.retry.unavailableDelaysMs], rejectedDelaysMs: [...config.retry.rejectedDelaysMs] },
    timeoutMs: config.timeoutMs,
    envelope: config.envelope,
    disablePolicy: { ...config.disablePolicy },
    headers: config.headers.map((header) => ({ ...header })),
    tlsVerify: config.tls.verify,
    tlsCaPem: config.tls.ca,
    tlsClientCertificatePem: config.tls.clientCertificate,
    metadata: { ...config.metadata },
    sealedSecrets: Buffer.from(hook.sealedSecrets, 'base64'),
    createdAtMs: hook.createdAtMs,
    updatedAtMs: hook.updatedAtMs,
    origin: hook.origin,
    concurrency: config.concurrency ?? 0,
    rateLimitPerSecond: config.rateLimit?.perSecond ?? 0,
    catchUp: config.catchUp,
    dialectOptions: choicesText(config.dialectOptions),
    matchedTypes: sameJson(matched, config.eventTypes) ? [] : [...matched],
  };
}
