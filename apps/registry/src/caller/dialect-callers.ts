import { isAppError, type Clock } from '@hooklane/kernel';
import type { Principal } from '@hooklane/directory';
import { apiKeyAggregate, type ApiKeyState } from '../api-key/api-key.decider.js';
import { openedKey } from '../api-key/sealed-key.js';
import type { FactsState } from '../facts-aggregate.js';
import type { Caller, DialectCallers, Logins, Numbers, Passwords, ReadModels, Sealer } from '../ports.js';
import { passwordContext, userAggregate, type UserFacts } from '../user/users.js';
import { LoginAttempts } from './login-attempts.js';
import { callerOf } from './rights.js';
import { Sessions } from './sessions.js';

export interface DialectCallersParts {
  readonly reads: ReadModels;
  readonly logins: Logins;
  readonly numbers: Numbers;
  readonly sealer: Sealer;
  readonly passwords: Passwords;
  readonly clock: Clock;
  /** Of user names that name none. */
  readonly defaultTenant: string;
  /** Who has the API key. @throws AppError `unauthenticated` */
  authenticate(apiKey: string): Principal | Promise<Principal>;
}

const PASSWORD_LENGTH_MAX = 200;
const USER_NAME_LENGTH_MAX = 320;

/** Who calls the dialects' admin APIs: API keys, sessions, user names with passwords, and signatures made with recoverable keys. */
export class RegistryDialectCallers implements DialectCallers {
  private readonly attempts: LoginAttempts;
  private readonly sessions: Sessions;

  constructor(private readonly parts: DialectCallersParts) {
    this.attempts = new LoginAttempts(parts.clock);
    this.sessions = new Sessions(parts.sealer, parts.clock);
  }

  withToken(token: string): Promise<Caller | null> {
    return this.sessions.isSession(token) ? this.withSession(token) : this.withKey(token);
  }

  async login(userName: string, password: string): Promise<{ readonly token: string; readonly caller: Caller } | null> {
    if (userName.length > USER_NAME_LENGTH_MAX || password.length > PASSWORD_LENGTH_MAX || /\0/.test(userName)) return null;
    const slash = userName.indexOf('/');
    const tenantId = slash < 0 ? this.parts.defaultTenant : userName.slice(0, slash);
    const name = userName.slice(slash + 1);
    this.attempts.assertAllowed(tenantId, name);
    const userId = await this.parts.logins.userNamed(tenantId, name);
    const user = userId === null ? null : await this.user(tenantId, userId);
    const sealed = user?.facts.sealedPassword ?? null;
    const hash = sealed === null ? null : this.parts.sealer.open(sealed, passwordContext(tenantId, user!.id));
    if (!(await this.parts.passwords.fits(password, hash)) || user === null || sealed === null) {
      this.attempts.failed(tenantId, name);
      return null;
    }
    this.attempts.succeeded(tenantId, name);
    return { token: this.sessions.begin({ tenantId, userId: user.id, sealedPassword: sealed }), caller: await this.callerFor(user, `user:${user.id}`, null) };
  }

  async withSigningKey(proves: (key: string) => boolean): Promise<Caller | null> {
    for (const { tenantId, keyId, sealedKey } of await this.parts.logins.recoverableKeys()) {
      const key = openedKey(this.parts.sealer, tenantId, keyId, sealedKey);
      // The rest (revoked a moment ago, expired) is asked as of any key.
      if (key !== null && proves(key)) return this.withKey(key);
    }
    return null;
  }

  private async withKey(key: string): Promise<Caller | null> {
    const principal = await this.principal(key);
    if (!principal || principal.tenantId === null) return null;
    const { tenantId, keyId, actor, scopes } = principal;
    const stored = await this.parts.reads.find<ApiKeyState>(apiKeyAggregate, tenantId, keyId);
    if (!stored) return null;
    if (stored.state.userId === undefined) return callerOf({ tenantId, actor, scopes, user: null });
    const user = await this.user(tenantId, stored.state.userId);
    return user && this.callerFor(user, actor, scopes);
  }

  private async withSession(token: string): Promise<Caller | null> {
    const session = this.sessions.open(token);
    if (!session) return null;
    const user = await this.user(session.tenantId, session.userId);
    return user?.facts.sealedPassword && session.isOf(user.facts.sealedPassword) ? this.callerFor(user, `user:${user.id}`, null) : null;
  }

  private async principal(key: string): Promise<Principal | null> {
    try {
      return await this.parts.authenticate(key);
    } catch (error) {
      if (isAppError(error, 'unauthenticated')) return null;
      throw error;
    }
  }

  private async user(tenantId: string, userId: string): Promise<FactsState<UserFacts> | null> {
    return (await this.parts.reads.find<FactsState<UserFacts>>(userAggregate, tenantId, userId))?.state ?? null;
  }

  private async callerFor({ tenantId, id, facts }: FactsState<UserFacts>, actor: string, scopes: Principal['scopes'] | null): Promise<Caller> {
    const [number, memberships] = await Promise.all([this.parts.numbers.numberOf(tenantId, 'user', id), this.parts.logins.rolesOf(tenantId, id)]);
    return callerOf({ tenantId, actor, scopes, user: { id, number: number ?? 0, userName: facts.userName ?? null, name: facts.name, email: facts.email, role: facts.role, memberships } });
  }
}
