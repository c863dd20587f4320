import { createHash, createHmac } from 'node:crypto';
import { Get, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { act } from '../../dialect-apis/worksection/actions.js';
import { badHash, badToken, tooManyRequests, type WorksectionAnswer } from '../../dialect-apis/worksection/answers.js';
import { credentialsOf, expectsUnauthorized, provedBy, type Credentials, type Digests, type SignedCall } from '../../dialect-apis/worksection/credentials.js';
import { RequestPace } from '../../dialect-apis/worksection/request-pace.js';
import type { Caller, Registry } from '../../ports.js';
import { changeRequestOf } from '../dialects/change-request-of.js';
import { DialectRoute } from '../dialects/dialect-route.js';
import { sameText } from '../dialects/same-text.js';
import { REGISTRY } from '../registry.token.js';
import { signedCallOf } from './signed-call-of.js';

const digests: Digests = {
  md5: (text) => createHash('md5').update(text).digest('hex'),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  same: sameText,
};

// The product's documents write the address with a slash at its end, its SDKs without. Nest takes one slash away.
/** `v2.1` is where SDK 2.1.0 sends its calls. */
const ADMIN = ['admin/v2', 'admin/v2//', 'admin/v2.1'];
const OAUTH2 = ['oauth2', 'oauth2//'];

/** Worksection's admin API (dialects design 5.2): one address for keys, one for OAuth tokens; what is to be done is in the parameter `action`. */
@DialectRoute('api')
export class WorksectionController {
  constructor(
    @Inject(REGISTRY) private readonly registry: Registry,
    private readonly pace: RequestPace,
  ) {}

  @Get(ADMIN)
  askedWithKey(@Req() request: FastifyRequest): Promise<WorksectionAnswer> {
    return this.answer(signedCallOf(request, 'admin'));
  }

  @Post(ADMIN)
  postedWithKey(@Req() request: FastifyRequest): Promise<WorksectionAnswer> {
    return this.answer(signedCallOf(request, 'admin'));
  }

  @Get(OAUTH2)
  askedWithToken(@Req() request: FastifyRequest): Promise<WorksectionAnswer> {
    return this.answer(signedCallOf(request, 'oauth2'));
  }

  @Post(OAUTH2)
  postedWithToken(@Req() request: FastifyRequest): Promise<WorksectionAnswer> {
    return this.answer(signedCallOf(request, 'oauth2'));
  }

  private async answer(reading: Promise<SignedCall>): Promise<WorksectionAnswer> {
    const call = await reading;
    const credentials = credentialsOf(call, this.registry.clock.nowMs());
    const caller = await this.callerWith(credentials);
    if (caller === null) return call.surface === 'oauth2' ? badToken() : badHash(expectsUnauthorized(credentials));
    if (!this.pace.admits(caller.tenantId, this.registry.clock.nowMs())) return tooManyRequests();
    return act(this.registry, { caller, request: changeRequestOf(this.registry, caller), parameters: call.parameters });
  }

  private callerWith(credentials: Credentials): Promise<Caller | null> {
    switch (credentials.form) {
      case 'none':
        return Promise.resolve(null);
      case 'token':
        return this.registry.callers.withToken(credentials.token);
      case 'hash':
      case 'signature':
        return this.registry.callers.withSigningKey(provedBy(credentials, digests));
    }
  }
}
