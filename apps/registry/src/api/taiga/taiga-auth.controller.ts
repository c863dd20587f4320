import { Get, Inject, Post, Req } from '@nestjs/common';
import { gravatarIdOf } from '@hooklane/dialects';
import type { FastifyRequest } from 'fastify';
import { userView } from '../../dialect-apis/taiga/user-view.js';
import type { TaigaAnswer } from '../../dialect-apis/taiga/taiga-answer.js';
import { errorBody, forbidden, INVALID_TOKEN, WRONG_CREDENTIALS } from '../../dialect-apis/taiga/taiga-failure.js';
import type { Registry } from '../../ports.js';
import { DialectRoute } from '../dialects/dialect-route.js';
import { formOf } from '../dialects/form.js';
import { REGISTRY } from '../registry.token.js';
import { someCallerOf } from './taiga-call.js';

/** Taiga's login: the user name and password of a Hooklane user for a token; and who one is. */
@DialectRoute('api/v1')
export class TaigaAuthController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Post('auth')
  async logIn(@Req() request: FastifyRequest): Promise<TaigaAnswer> {
    const { type, username, password } = formOf(request).body;
    if (type !== 'normal') return { status: 400, body: errorBody('invalid login type', 'taiga.base.exceptions.BadRequest') };
    if (typeof username !== 'string' || typeof password !== 'string') return WRONG_CREDENTIALS;
    const login = await this.registry.callers.login(username, password);
    if (!login?.caller.user) return WRONG_CREDENTIALS;
    const { token, caller: { user } } = login;
    return { status: 200, body: { ...userView(user, gravatarIdOf(user.email ?? '')), ...tokens(token) } };
  }

  /** A token lasts as long as its session: until then it is answered again, and then one logs in again. */
  @Post('auth/refresh')
  async refresh(@Req() request: FastifyRequest): Promise<TaigaAnswer> {
    const { refresh } = formOf(request).body;
    if (typeof refresh !== 'string' || refresh === '') return { status: 400, body: { refresh: ['This field is required.'] } };
    const caller = await this.registry.callers.withToken(refresh);
    return caller ? { status: 200, body: tokens(refresh) } : INVALID_TOKEN;
  }

  @Get('users/me')
  async me(@Req() request: FastifyRequest): Promise<TaigaAnswer> {
    const { user } = await someCallerOf(this.registry, request);
    // A key that speaks for nobody.
    if (!user) throw forbidden();
    return { status: 200, body: userView(user, gravatarIdOf(user.email ?? '')) };
  }
}

/** Clients of newer Taigas read both. */
function tokens(token: string): { readonly auth_token: string; readonly refresh: string } {
  return { auth_token: token, refresh: token };
}
