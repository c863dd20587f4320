import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Put, Query, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AtQuery, HistoryPage, PageQuery, PasswordPut, UserCreate, UserPage, UserPatch, UserView } from '@hooklane/contracts/rest';
import { Authorize, IDEMPOTENCY } from '@hooklane/service-host';
import { listFacts, readFacts } from '../facts-use-cases.js';
import type { Registry } from '../ports.js';
import { deleteUser } from '../user/delete-user.js';
import { createUser, setPassword, updateUser, users } from '../user/users.js';
import { told } from '../told.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { Documented, IF_MATCH } from './documented.js';
import { Change, type HttpChange } from './http-change.js';
import { REGISTRY } from './registry.token.js';

@ApiTags('users')
@ApiBearerAuth()
@Controller('v1/tenants/:tenant/users')
@UseInterceptors(AnswerInterceptor)
export class UsersController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Post()
  @Authorize('admin')
  @IDEMPOTENCY
  @Documented('createUser', 'Creates a user of the tenant.', { status: 201, schema: UserView })
  create(@Change() change: HttpChange, @Body({ schema: UserCreate }) body: UserCreate): Promise<unknown> {
    return createUser(this.registry, change.requestOf(this.registry), body);
  }

  @Get()
  @Authorize('admin')
  @Documented('listUsers', 'The tenant\'s users.', { status: 200, schema: UserPage })
  list(@Param('tenant') tenant: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return listFacts(this.registry, tenant, users, page);
  }

  @Get(':user')
  @Authorize('admin')
  @Documented('readUser', 'One user.', { status: 200, schema: UserView })
  read(@Param('tenant') tenant: string, @Param('user') user: string, @Query({ schema: AtQuery }) { at }: AtQuery): Promise<unknown> {
    return at === undefined ? readFacts(this.registry, tenant, users, user) : told.user.at(this.registry, tenant, user, Date.parse(at));
  }

  @Get(':user/history')
  @Authorize('admin')
  @Documented('readUserHistory', 'Everything that happened to a user.', { status: 200, schema: HistoryPage })
  history(@Param('tenant') tenant: string, @Param('user') user: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return told.user.history(this.registry, tenant, user, page);
  }

  @Patch(':user')
  @Authorize('admin')
  @IF_MATCH
  @Documented('updateUser', 'Changes a user by a JSON merge patch.', { status: 200, schema: UserView })
  update(@Change() change: HttpChange, @Param('user') user: string, @Body({ schema: UserPatch }) patch: UserPatch): Promise<unknown> {
    return updateUser(this.registry, change.requestOf(this.registry), user, patch);
  }

  @Put(':user/password')
  @Authorize('admin')
  @IF_MATCH
  @Documented('setUserPassword', 'Sets or clears the password for the dialects\' APIs; ends the user\'s sessions.', { status: 200, schema: UserView })
  setPassword(@Change() change: HttpChange, @Param('user') user: string, @Body({ schema: PasswordPut }) { password }: PasswordPut): Promise<unknown> {
    return setPassword(this.registry, change.requestOf(this.registry), user, password);
  }

  @Delete(':user')
  @HttpCode(204)
  @Authorize('admin')
  @IF_MATCH
  @Documented('deleteUser', 'Deletes a user.', { status: 204 })
  delete(@Change() change: HttpChange, @Param('user') user: string): Promise<unknown> {
    return deleteUser(this.registry, change.requestOf(this.registry), user);
  }
}
