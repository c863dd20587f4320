import type { ApiKeyCreate, ApiKeyCreated } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { apiKeyView } from './api-key-view.js';
import { apiKeyAggregate, type ApiKeyCommand } from './api-key.decider.js';

/** The key is in this answer and nowhere else. @throws AppError `not-found` (tenant), `invalid-request` for an expiry that is past */
export async function createApiKey(registry: Registry, request: ChangeRequest, body: ApiKeyCreate): Promise<Answer<ApiKeyCreated>> {
  if (request.tenantId !== '') await tenantOf(registry, request.tenantId);
  const { atMs } = request.meta;
  const expiresAtMs = body.expiresAt ? Date.parse(body.expiresAt) : 0;
  if (body.expiresAt && expiresAtMs <= atMs) {
    throw new AppError('invalid-request', '/expiresAt: Must be in the future.', { details: { errors: [{ pointer: '/expiresAt', message: 'Must be in the future.' }] } });
  }
  const keyId = registry.ids.next('key');
  const { key, hash } = registry.secrets.apiKey();
  return registry.changes.execute({
    aggregate: apiKeyAggregate,
    id: keyId,
    request,
    command: (): ApiKeyCommand => ({ kind: 'create', tenantId: request.tenantId, keyId, name: body.name, scopes: body.scopes, hash, expiresAtMs, atMs }),
    answer: ({ state, version }) => ({ status: 201, version, body: { ...apiKeyView(state, version, undefined), key } }),
  });
}
