import { createHash } from 'node:crypto';
import { scopes, type Scope } from '@hooklane/contracts';
import type { ApiKeyState } from '@hooklane/contracts/topics';
import { AppError, type Clock } from '@hooklane/kernel';
import type { Directory } from './directory.js';
import type { Principal } from './principal.js';

export interface AuthenticateOptions {
  /** The answer must not come from tables that may be out of date: the request is refused while the log is away. */
  readonly strict: boolean;
}

interface KnownKey {
  readonly hash: string;
  readonly state: ApiKeyState;
  readonly principal: Principal;
  reportedAtMs: number;
}

/** Keys are remembered by their text, so that a request costs two look-ups rather than a hash. More than this many at once is not worth memory. */
const REMEMBERED_KEYS = 10_000;
const MAX_KEY_LENGTH = 512;
const REPORT_EVERY_MS = 60_000;
/** How long a request waits to hear from the log, and how long later ones then go without asking. */
const LOG_TIMEOUT_MS = 2_000;

/** Tells who a request is from. A key that was made or revoked before the request began is known as such (promise 10). */
export class ApiKeyAuthenticator {
  private readonly known = new Map<string, KnownKey>();
  private awayUntilMs = 0;
  /** The newest answer that has come: where nothing can be new, the directory gives the same one again. */
  private heard: Promise<void> | null = null;
  private question: { readonly asked: Promise<void>; readonly timed: Promise<void> } | null = null;

  /** @param used called at most once a minute for each key */
  constructor(
    private readonly directory: Pick<Directory, 'apiKeyByHash' | 'caughtUp'>,
    private readonly clock: Clock,
    private readonly used: (keyId: string, atMs: number) => void,
  ) {}

  /**
   * @returns at once where nothing can be new: a publisher's request then costs no promise
   * @throws AppError `unauthenticated`; `log-unavailable` when `strict` and the log is away. Now or later.
   */
  authenticate(key: string | undefined, options: AuthenticateOptions): Principal | Promise<Principal> {
    if (key === undefined || key.length === 0 || key.length > MAX_KEY_LENGTH) throw unauthenticated('Send an API key as "Authorization: Bearer <key>".');
    const unheard = this.unheardChanges(options.strict);
    return unheard ? unheard.then(() => this.identify(key)) : this.identify(key);
  }

  private identify(key: string): Principal {
    const found = this.remembered(key) ?? this.lookUp(key);
    const nowMs = this.clock.nowMs();
    if (!found || isExpired(found.state, nowMs)) throw unauthenticated('The API key is not valid: it is unknown, expired or revoked.');
    if (nowMs - found.reportedAtMs >= REPORT_EVERY_MS) {
      found.reportedAtMs = nowMs;
      this.used(found.state.keyId, nowMs);
    }
    return found.principal;
  }

  private unheardChanges(strict: boolean): Promise<void> | null {
    if (!strict && this.clock.monotonicMs() < this.awayUntilMs) return null;
    const news = this.directory.caughtUp();
    return news === this.heard ? null : this.hear(news, strict);
  }

  private async hear(news: Promise<void>, strict: boolean): Promise<void> {
    try {
      await this.timed(news);
      this.heard = news;
    } catch (error) {
      this.awayUntilMs = this.clock.monotonicMs() + LOG_TIMEOUT_MS;
      if (strict) throw new AppError('log-unavailable', 'The event log does not answer.', { retryable: true, retryAfterMs: LOG_TIMEOUT_MS, cause: error });
    }
  }

  /** Requests that share a question share its timer too. */
  private timed(asked: Promise<void>): Promise<void> {
    if (this.question?.asked !== asked) this.question = { asked, timed: withTimeout(asked, LOG_TIMEOUT_MS) };
    return this.question.timed;
  }

  private remembered(key: string): KnownKey | undefined {
    const known = this.known.get(key);
    if (!known) return undefined;
    // The table hands out another object after every change of the key, and none once it is revoked.
    if (this.directory.apiKeyByHash(known.hash) === known.state) return known;
    this.known.delete(key);
    return undefined;
  }

  private lookUp(key: string): KnownKey | undefined {
    const hash = hashOfKey(key);
    const state = this.directory.apiKeyByHash(hash);
    if (!state) return undefined;
    const known = { hash, state, principal: principalOf(state), reportedAtMs: 0 };
    if (this.known.size >= REMEMBERED_KEYS) this.known.clear();
    this.known.set(key, known);
    return known;
  }
}

/** @returns hex SHA-256 of the key as sent: what the catalog knows it by. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export function principalOf(state: ApiKeyState): Principal {
  return {
    keyId: state.keyId,
    tenantId: state.tenantId === '' ? null : state.tenantId,
    scopes: new Set(state.scopes.filter(isScope)),
    actor: `key:${state.keyId}`,
  };
}

function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

function isExpired(state: ApiKeyState, nowMs: number): boolean {
  return state.expiresAtMs !== 0 && state.expiresAtMs <= nowMs;
}

function unauthenticated(message: string): AppError {
  return new AppError('unauthenticated', message);
}

async function withTimeout(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
