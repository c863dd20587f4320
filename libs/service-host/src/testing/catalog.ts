import { createHash } from 'node:crypto';
import { CatalogChanged, TenantState, Topics, type ApiKeyState } from '@hooklane/contracts/topics';
import type { EventLog } from '@hooklane/event-log';

/** Writes the catalog in the registry's place. */
export interface Catalog {
  change(key: string, entry: CatalogChanged['entry']): Promise<void>;
  tenant(id: string, part?: Partial<TenantState>): Promise<void>;
  /** @param text the key itself, of which the table has the hash */
  apiKey(text: string, part: Partial<ApiKeyState>): Promise<void>;
}

export function catalogOf(log: Pick<EventLog, 'append'>): Catalog {
  let version = 0;
  const change: Catalog['change'] = async (key, entry) => {
    // Above what an earlier start on the same data has written.
    const value = CatalogChanged.encode({ version: Date.now() * 1_000 + ++version, entry }).finish();
    await log.append([{ topic: Topics.catalogChanged, partition: 0, key, value }]);
  };
  return {
    change,
    tenant: (id, part = {}) => change(`tenant/${id}`, { $case: 'tenant', value: { ...TenantState.decode(new Uint8Array()), tenantId: id, unknownEventTypes: 'accept', ...part } }),
    apiKey: (text, part) =>
      change(`api-key/${text}`, {
        $case: 'apiKey',
        value: { keyId: `key_${text}`, tenantId: 'acme', hash: createHash('sha256').update(text).digest(), scopes: [], expiresAtMs: 0, revoked: false, name: text, ...part },
      }),
  };
}
