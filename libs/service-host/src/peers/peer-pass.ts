import { scopes } from '@hooklane/contracts';
import type { Principal } from '@hooklane/directory';
import { AppError, type Clock } from '@hooklane/kernel';
import type { SecretBox } from '@hooklane/secret-box';

/** Whom a service speaks for when it calls another one. */
export interface PassHolder {
  readonly tenantId: string;
  /** What histories call who caused the call. */
  readonly actor: string;
}

const PREFIX = 'hlp_';
const CONTEXT = 'peer pass v1';
const LIFETIME_MS = 30_000;
/** Clocks of the machines may differ by as much as a pass has left; one that claims more is not ours. */
const LONGEST_MS = 60_000;

/**
 * What one service of an installation shows another: tenant, actor and a short life, sealed with the master key that all of them have.
 * Good for everything in that tenant and for nothing else. It may be used again while it lives; it is made for each call and written nowhere.
 */
export class PeerPasses {
  constructor(
    private readonly box: SecretBox,
    private readonly clock: Pick<Clock, 'nowMs'>,
  ) {}

  issue({ tenantId, actor }: PassHolder): string {
    const plain = JSON.stringify([tenantId, actor, this.clock.nowMs() + LIFETIME_MS]);
    return PREFIX + this.box.seal(Buffer.from(plain), CONTEXT).toString('base64url');
  }

  isPass(token: string): boolean {
    return token.startsWith(PREFIX);
  }

  /** @throws AppError `unauthenticated` */
  admit(pass: string): Principal {
    const [tenantId, actor, expiresAtMs] = this.open(pass);
    const leftMs = expiresAtMs - this.clock.nowMs();
    if (leftMs <= 0 || leftMs > LONGEST_MS) throw refused();
    return { keyId: '', tenantId, scopes: ALL_SCOPES, actor };
  }

  private open(pass: string): readonly [tenantId: string, actor: string, expiresAtMs: number] {
    try {
      return JSON.parse(this.box.open(Buffer.from(pass.slice(PREFIX.length), 'base64url'), CONTEXT).toString()) as [string, string, number];
    } catch (error) {
      throw refused(error);
    }
  }
}

const ALL_SCOPES: Principal['scopes'] = new Set(scopes);

const refused = (cause?: unknown): AppError => new AppError('unauthenticated', 'The pass of the calling service is not valid.', { cause });
