import type { ApiKeyCreate, ApiKeyCreated } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { readFacts } from '../facts-use-cases.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { users } from '../user/users.js';
import { apiKeyView } from './api-key-view.js';
import { apiKeyAggregate, type ApiKeyCommand } from './api-key.decider.js';
import { sealedKeyOf } from './sealed-key.js';

/** The key is in this answer and nowhere else. @throws AppError `not-found` (tenant, user), `invalid-request` for an expiry that is past, or for what a key of the platform cannot have */
export async function createApiKey(registry: Registry, request: ChangeRequest, body: ApiKeyCreate): Promise<Answer<ApiKeyCreated>> {
  if (request.tenantId !== '') await tenantOf(registry, request.tenantId);
  const { atMs } = request.meta;
  const expiresAtMs = body.expiresAt ? Date.parse(body.expiresAt) : 0;
  if (body.expiresAt && expiresAtMs <= atMs) {
    throw misfit('/expiresAt', 'Must be in the future.');
  }
  if (request.tenantId === '' && (body.user || body.recoverable)) throw misfit(body.user ? '/user' : '/recoverable', 'Dialect APIs take keys of a tenant only.');
  if (body.user) await readFacts(registry, request.tenantId, users, body.user);
  const keyId = registry.ids.next('key');
  const { key, hash } = registry.secrets.apiKey();
  const more = { ...(body.user ? { userId: body.user } : {}), ...(body.recoverable ? { sealedKey: sealedKeyOf(registry.sealer, request.tenantId, keyId, key) } : {}) };
  return registry.changes.execute({
    aggregate: apiKeyAggregate,
    id: keyId,
    request,
    command: (): ApiKeyCommand => ({ kind: 'create', tenantId: request.tenantId, keyId, name: body.name, scopes: body.scopes, hash, expiresAtMs, ...more, atMs }),
    answer: ({ state, version }) => ({ status: 201, version, body: { ...apiKeyView(state, version, undefined), key } }),
  });
}

const misfit = (pointer: string, message: string): AppError => new AppError('invalid-request', `${pointer}: ${message}`, { details: { errors: [{ pointer, message }] } });
