import type { ApiKeyView } from '@hooklane/contracts/rest';
import type { Answer, ChangeRequest, Registry } from '../ports.js';
import { apiKeyView } from './api-key-view.js';
import { apiKeyAggregate, type ApiKeyCommand } from './api-key.decider.js';

/** From this answer on nothing accepts the key. A revoked key stays listed. @throws AppError `not-found` */
export async function revokeApiKey(registry: Registry, request: ChangeRequest, keyId: string): Promise<Answer<ApiKeyView>> {
  const lastUsedAtMs = (await registry.keyUses.of([keyId])).get(keyId);
  return registry.changes.execute({
    aggregate: apiKeyAggregate,
    id: keyId,
    request,
    command: (): ApiKeyCommand => ({ kind: 'revoke', atMs: request.meta.atMs }),
    answer: ({ state, version }) => ({ status: 200, version, body: apiKeyView(state, version, lastUsedAtMs) }),
  });
}
