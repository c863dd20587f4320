import type { HookSecrets } from '@hooklane/contracts/topics';
import type { Registry } from '../ports.js';
import type { HookState } from './hook-state.js';

/** A hook's secrets in clear: for the products' own APIs, which show a hook's key to those who administrate it (T14, 6.1: 12), and never for an answer of our own. */
export function hookSecretsOf({ secrets }: Pick<Registry, 'secrets'>, { sealedSecrets, tenantId, hookId }: HookState): HookSecrets {
  return secrets.open(sealedSecrets, tenantId, hookId);
}
