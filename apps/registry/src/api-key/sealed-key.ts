import type { Sealer } from '../ports.js';

/** Of a recoverable key: opens in its own tenant and row only. */
export function sealedKeyOf(sealer: Sealer, tenantId: string, keyId: string, key: string): string {
  return sealer.seal(key, contextOf(tenantId, keyId));
}

export function openedKey(sealer: Sealer, tenantId: string, keyId: string, sealedKey: string): string | null {
  return sealer.open(sealedKey, contextOf(tenantId, keyId));
}

const contextOf = (tenantId: string, keyId: string): string => `api-key/${tenantId}/${keyId}`;
