import { hashOfKey, type Directory } from '@hooklane/directory';
import type { Clock } from '@hooklane/kernel';

const BEARER = /^Bearer +([^\s]+) *$/i;

/** Whether the key that opened a stream may still read: a key that is revoked or expires ends its streams (promise 10). */
export class ReadingRight {
  constructor(
    private readonly directory: Pick<Directory, 'apiKeyByHash' | 'caughtUp'>,
    private readonly clock: Clock,
  ) {}

  /** @param authorization of the request that opened the stream @returns the question, to be asked before each look */
  of(authorization: unknown): () => Promise<boolean> {
    const key = typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined;
    const hash = key === undefined ? '' : hashOfKey(key);
    return async () => {
      // Who reads is answered from what is known while the log is away.
      await this.directory.caughtUp().catch(() => undefined);
      return this.isGood(hash);
    };
  }

  private isGood(hash: string): boolean {
    const key = this.directory.apiKeyByHash(hash);
    if (key === undefined || key.revoked || (key.expiresAtMs !== 0 && key.expiresAtMs <= this.clock.nowMs())) return false;
    return key.scopes.includes('log:read') || key.scopes.includes('admin');
  }
}
