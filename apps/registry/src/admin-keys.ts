import { isAppError } from '@hooklane/kernel';
import type { AdminKeys } from '@hooklane/service-host';
import { apiKeyAggregate, type ApiKeyCommand, type ApiKeyState } from './api-key/api-key.decider.js';
import { everyOne } from './every-one.js';
import type { ChangeRequest, Registry } from './ports.js';

/** Makes platform keys with the scope `admin` on the machine itself: the first one, and others when it was lost. */
export class RegistryAdminKeys implements AdminKeys {
  /**
   * @param configured the key that the operator chose, or undefined
   * @param hashOf SHA-256 as hex
   */
  constructor(
    private readonly registry: Registry,
    private readonly configured: string | undefined,
    private readonly hashOf: (key: string) => string,
  ) {}

  async ensureFirst(): Promise<string | null> {
    if (this.configured !== undefined) return this.ensureConfigured(this.configured);
    const known = await this.platformKeys();
    return known.some((key) => isUsable(key, this.registry.clock.nowMs())) ? null : this.createFirst(known.length);
  }

  async create(actor: string): Promise<string> {
    const { key, hash } = this.registry.secrets.apiKey();
    await this.store(this.registry.ids.next('key'), hash, actor, 'Admin key');
    return key;
  }

  /** Its id comes from how many keys there were before it, so that of processes that start at once one makes it and the others find it made. */
  private async createFirst(known: number): Promise<string | null> {
    const { key, hash } = this.registry.secrets.apiKey();
    try {
      await this.store(`key_${this.hashOf(`first admin key ${known}`).slice(0, 32)}`, hash, 'system:first-start', 'Admin key');
      return key;
    } catch (error) {
      // Somebody must be shown the key that is stored, and nobody else knows it.
      if (isAppError(error, 'change-not-yet-effective')) return key;
      if (isAppError(error, 'already-exists')) return null;
      throw error;
    }
  }

  /** Its id comes from its hash, so that two processes that start at once make one key. A configured key that was revoked stays so. */
  private async ensureConfigured(key: string): Promise<string | null> {
    const hash = this.hashOf(key);
    try {
      await this.store(`key_${hash.slice(0, 32)}`, hash, 'system:configuration', 'Configured admin key');
      return key;
    } catch (error) {
      if (isAppError(error, 'already-exists')) return null;
      throw error;
    }
  }

  private async store(keyId: string, hash: string, actor: string, name: string): Promise<void> {
    const { clock, ids, changes } = this.registry;
    const atMs = clock.nowMs();
    const request: ChangeRequest = { tenantId: '', idempotencyKey: null, fingerprint: '', ifMatch: null, meta: { actor, atMs, reason: '', requestId: ids.next('req') } };
    await changes.execute({
      aggregate: apiKeyAggregate,
      id: keyId,
      request,
      command: (): ApiKeyCommand => ({ kind: 'create', tenantId: '', keyId, name, scopes: ['admin'], hash, expiresAtMs: 0, atMs }),
      answer: ({ version }) => ({ status: 201, version, body: null }),
    });
  }

  private async platformKeys(): Promise<readonly ApiKeyState[]> {
    const all: ApiKeyState[] = [];
    for await (const { state } of everyOne<ApiKeyState>(this.registry.reads, apiKeyAggregate, '')) all.push(state);
    return all;
  }
}

function isUsable(key: ApiKeyState, nowMs: number): boolean {
  return !key.revoked && (key.expiresAtMs === 0 || key.expiresAtMs > nowMs) && key.scopes.includes('admin');
}

