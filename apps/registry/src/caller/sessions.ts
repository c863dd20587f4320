import type { Clock } from '@hooklane/kernel';
import type { Sealer } from '../ports.js';

export interface Session {
  readonly tenantId: string;
  readonly userId: string;
  /** Whether the user's password is still the one it was begun with. */
  isOf(sealedPassword: string): boolean;
}

const PREFIX = 'hls_';
const CONTEXT = 'session v1';
const LIFETIME_MS = 24 * 60 * 60_000;
/** The end of a sealed value is its tag: another one after every sealing. */
const STAMP_LENGTH = 24;

/** Session tokens are sealed and kept nowhere: they end with their time, their user or the password that began them. */
export class Sessions {
  constructor(
    private readonly sealer: Sealer,
    private readonly clock: Pick<Clock, 'nowMs'>,
  ) {}

  isSession(token: string): boolean {
    return token.startsWith(PREFIX);
  }

  begin({ tenantId, userId, sealedPassword }: { readonly tenantId: string; readonly userId: string; readonly sealedPassword: string }): string {
    return PREFIX + this.sealer.seal(JSON.stringify([tenantId, userId, stampOf(sealedPassword), this.clock.nowMs() + LIFETIME_MS]), CONTEXT);
  }

  /** Null: it is over, or none of ours. */
  open(token: string): Session | null {
    const text = this.sealer.open(token.slice(PREFIX.length), CONTEXT);
    if (text === null) return null;
    const [tenantId, userId, stamp, expiresAtMs] = JSON.parse(text) as [string, string, string, number];
    if (expiresAtMs <= this.clock.nowMs()) return null;
    return { tenantId, userId, isOf: (sealedPassword) => stampOf(sealedPassword) === stamp };
  }
}

const stampOf = (sealedPassword: string): string => sealedPassword.slice(-STAMP_LENGTH);
