import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Put, Query, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AtQuery, HistoryPage, MembershipPage, MembershipPut, MembershipView, PageQuery, ProjectCreate, ProjectPage, ProjectPatch, ProjectView } from '@hooklane/contracts/rest';
import { Authorize, IDEMPOTENCY } from '@hooklane/service-host';
import { deleteFacts, listFacts, readFacts, updateFacts } from '../facts-use-cases.js';
import { membershipId, memberships, putMembership } from '../membership/memberships.js';
import type { Registry } from '../ports.js';
import { createProject, projects } from '../project/projects.js';
import { told } from '../told.js';
import { AnswerInterceptor } from './answer.interceptor.js';
import { Documented, IF_MATCH } from './documented.js';
import { Change, type HttpChange } from './http-change.js';
import { REGISTRY } from './registry.token.js';

@ApiTags('projects')
@ApiBearerAuth()
@Controller('v1/tenants/:tenant/projects')
@UseInterceptors(AnswerInterceptor)
export class ProjectsController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Post()
  @Authorize('hooks:write')
  @IDEMPOTENCY
  @Documented('createProject', 'Creates a project.', { status: 201, schema: ProjectView })
  create(@Change() change: HttpChange, @Body({ schema: ProjectCreate }) body: ProjectCreate): Promise<unknown> {
    return createProject(this.registry, change.requestOf(this.registry), body);
  }

  @Get()
  @Authorize('hooks:read')
  @Documented('listProjects', 'The tenant\'s projects.', { status: 200, schema: ProjectPage })
  list(@Param('tenant') tenant: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return listFacts(this.registry, tenant, projects, page);
  }

  @Get(':project')
  @Authorize('hooks:read')
  @Documented('readProject', 'One project.', { status: 200, schema: ProjectView })
  read(@Param('tenant') tenant: string, @Param('project') project: string, @Query({ schema: AtQuery }) { at }: AtQuery): Promise<unknown> {
    return at === undefined ? readFacts(this.registry, tenant, projects, project) : told.project.at(this.registry, tenant, project, Date.parse(at));
  }

  @Get(':project/history')
  @Authorize('hooks:read')
  @Documented('readProjectHistory', 'Everything that happened to a project.', { status: 200, schema: HistoryPage })
  history(@Param('tenant') tenant: string, @Param('project') project: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return told.project.history(this.registry, tenant, project, page);
  }

  @Patch(':project')
  @Authorize('hooks:write')
  @IF_MATCH
  @Documented('updateProject', 'Changes a project by a JSON merge patch.', { status: 200, schema: ProjectView })
  update(@Change() change: HttpChange, @Param('project') project: string, @Body({ schema: ProjectPatch }) patch: ProjectPatch): Promise<unknown> {
    return updateFacts(this.registry, change.requestOf(this.registry), projects, project, patch);
  }

  @Delete(':project')
  @HttpCode(204)
  @Authorize('hooks:write')
  @IF_MATCH
  @Documented('deleteProject', 'Deletes a project.', { status: 204 })
  delete(@Change() change: HttpChange, @Param('project') project: string): Promise<unknown> {
    return deleteFacts(this.registry, change.requestOf(this.registry), projects, project);
  }

  @Get(':project/members')
  @Authorize('hooks:read')
  @Documented('listMembers', 'Who has which role in a project.', { status: 200, schema: MembershipPage })
  async listMembers(@Param('tenant') tenant: string, @Param('project') project: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    await readFacts(this.registry, tenant, projects, project);
    return listFacts(this.registry, tenant, memberships, page, membershipId(project, ''));
  }

  @Get(':project/members/:user')
  @Authorize('hooks:read')
  @Documented('readMember', 'Which role a user has in a project.', { status: 200, schema: MembershipView })
  readMember(@Param('tenant') tenant: string, @Param('project') project: string, @Param('user') user: string, @Query({ schema: AtQuery }) { at }: AtQuery): Promise<unknown> {
    const id = membershipId(project, user);
    return at === undefined ? readFacts(this.registry, tenant, memberships, id) : told.membership.at(this.registry, tenant, id, Date.parse(at));
  }

  @Get(':project/members/:user/history')
  @Authorize('hooks:read')
  @Documented('readMemberHistory', 'Everything that happened to a user\'s role in a project.', { status: 200, schema: HistoryPage })
  memberHistory(@Param('tenant') tenant: string, @Param('project') project: string, @Param('user') user: string, @Query({ schema: PageQuery }) page: PageQuery): Promise<unknown> {
    return told.membership.history(this.registry, tenant, membershipId(project, user), page);
  }

  @Put(':project/members/:user')
  @Authorize('admin')
  @IF_MATCH
  @Documented('putMember', 'Gives a user a role in a project (201), or another one (200).', { status: [200, 201], schema: MembershipView })
  putMember(@Change() change: HttpChange, @Param('project') project: string, @Param('user') user: string, @Body({ schema: MembershipPut }) body: MembershipPut): Promise<unknown> {
    return putMembership(this.registry, change.requestOf(this.registry), project, user, body);
  }

  @Delete(':project/members/:user')
  @HttpCode(204)
  @Authorize('admin')
  @IF_MATCH
  @Documented('deleteMember', 'Takes a user out of a project.', { status: 204 })
  deleteMember(@Change() change: HttpChange, @Param('project') project: string, @Param('user') user: string): Promise<unknown> {
    return deleteFacts(this.registry, change.requestOf(this.registry), memberships, membershipId(project, user));
  }
}
