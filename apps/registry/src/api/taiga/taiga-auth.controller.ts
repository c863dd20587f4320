import { Inject, Post, Req } from '@nestjs/common';
import { gravatarIdOf } from '@hooklane/dialects';
import type { FastifyRequest } from 'fastify';
import { loggedIn } from '../../dialect-apis/taiga/logged-in.js';
import type { TaigaAnswer } from '../../dialect-apis/taiga/taiga-answer.js';
import { errorBody, WRONG_CREDENTIALS } from '../../dialect-apis/taiga/taiga-failure.js';
import type { Registry } from '../../ports.js';
import { DialectRoute } from '../dialects/dialect-route.js';
import { formOf } from '../dialects/form.js';
import { REGISTRY } from '../registry.token.js';

/** Taiga's login: the user name and password of a Hooklane user for a token. */
@DialectRoute('api/v1/auth')
export class TaigaAuthController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Post()
  async logIn(@Req() request: FastifyRequest): Promise<TaigaAnswer> {
    const { type, username, password } = formOf(request).body;
    if (type !== 'normal') return { status: 400, body: errorBody('invalid login type', 'taiga.base.exceptions.BadRequest') };
    if (typeof username !== 'string' || typeof password !== 'string') return WRONG_CREDENTIALS;
    const login = await this.registry.callers.login(username, password);
    if (!login?.caller.user) return WRONG_CREDENTIALS;
    const { token, caller: { user } } = login;
    return { status: 200, body: loggedIn(user, { token, gravatarId: gravatarIdOf(user.email ?? '') }) };
  }
}
