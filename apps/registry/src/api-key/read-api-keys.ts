import type { ApiKeyView } from '@hooklane/contracts/rest';
import { AppError } from '@hooklane/kernel';
import { pageAnswer, pageRequest, type Page, type PageWish } from '../page.js';
import type { Answer, Registry } from '../ports.js';
import { tenantOf } from '../tenant/find-tenant.js';
import { apiKeyView } from './api-key-view.js';
import { apiKeyAggregate, type ApiKeyState } from './api-key.decider.js';

/** @param tenantId empty: a key of the platform. @throws AppError `not-found` */
export async function readApiKey(registry: Registry, tenantId: string, keyId: string): Promise<Answer<ApiKeyView>> {
  const key = await registry.reads.find<ApiKeyState>(apiKeyAggregate, tenantId, keyId);
  if (!key) throw new AppError('not-found', 'There is no such API key.');
  const uses = await registry.keyUses.of([keyId]);
  return { status: 200, version: key.version, body: apiKeyView(key.state, key.version, uses.get(keyId)) };
}

export async function listApiKeys(registry: Registry, tenantId: string, wish: PageWish): Promise<Answer<Page<ApiKeyView>>> {
  if (tenantId !== '') await tenantOf(registry, tenantId);
  const request = pageRequest('api-keys', tenantId, wish);
  const keys = await registry.reads.page<ApiKeyState>(apiKeyAggregate, tenantId, request);
  const uses = await registry.keyUses.of(keys.map(({ id }) => id));
  return { status: 200, version: null, body: pageAnswer('api-keys', tenantId, request, keys, ({ id, state, version }) => apiKeyView(state, version, uses.get(id))) };
}
