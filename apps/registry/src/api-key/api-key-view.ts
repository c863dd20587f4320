import type { ApiKeyView } from '@hooklane/contracts/rest';
import type { CatalogChanged } from '@hooklane/contracts/topics';
import type { ApiKeyState } from './api-key.decider.js';

export function apiKeyView(key: ApiKeyState, version: number, lastUsedAtMs: number | undefined): ApiKeyView {
  return {
    id: key.keyId,
    tenant: key.tenantId || null,
    name: key.name,
    scopes: [...key.scopes],
    user: key.userId ?? null,
    recoverable: key.sealedKey !== undefined,
    expiresAt: key.expiresAtMs === 0 ? null : iso(key.expiresAtMs),
    revoked: key.revoked,
    lastUsedAt: lastUsedAtMs ? iso(lastUsedAtMs) : null,
    version,
    createdAt: iso(key.createdAtMs),
    updatedAt: iso(key.updatedAtMs),
  };
}

export function apiKeyRecord(key: ApiKeyState, version: number): CatalogChanged {
  const { keyId, tenantId, name, scopes, expiresAtMs, revoked } = key;
  return { version, entry: { $case: 'apiKey', value: { keyId, tenantId, hash: Buffer.from(key.hash, 'hex'), scopes: [...scopes], expiresAtMs, revoked, name } } };
}

const iso = (ms: number): string => new Date(ms).toISOString();
