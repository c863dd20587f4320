import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import type * as rpc from '@hooklane/contracts/grpc';
import { MembershipPut, ProjectCreate, ProjectPatch } from '@hooklane/contracts/rest';
import { Authorize, validated } from '@hooklane/service-host';
import { deleteFacts, listFacts, readFacts, updateFacts } from '../facts-use-cases.js';
import { membershipId, memberships, putMembership } from '../membership/memberships.js';
import type { Registry } from '../ports.js';
import { createProject, projects } from '../project/projects.js';
import { told } from '../told.js';
import { RpcChange, type GrpcChange } from './grpc-change.js';
import { momentMs, pageWish, present } from './grpc-fields.js';
import { REGISTRY } from './registry.token.js';

/** hooklane.v1.ProjectService. */
@Controller()
export class ProjectsGrpc {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @GrpcMethod('ProjectService', 'CreateProject')
  @Authorize('hooks:write')
  async create(@RpcChange() change: GrpcChange, @Payload() { key, name, blocked }: rpc.CreateProjectRequest): Promise<object> {
    return { project: (await createProject(this.registry, change.requestOf(this.registry), validated(ProjectCreate, { key, name, blocked }))).body };
  }

  @GrpcMethod('ProjectService', 'GetProject')
  @Authorize('hooks:read')
  async get(@Payload() { tenant, id, at }: rpc.GetProjectRequest): Promise<object> {
    const { body } = at === '' ? await readFacts(this.registry, tenant, projects, id) : await told.project.at(this.registry, tenant, id, momentMs(at));
    return { project: body };
  }

  @GrpcMethod('ProjectService', 'ListProjects')
  @Authorize('hooks:read')
  async list(@Payload() request: rpc.ListProjectsRequest): Promise<object> {
    return (await listFacts(this.registry, request.tenant, projects, pageWish(request))).body;
  }

  @GrpcMethod('ProjectService', 'UpdateProject')
  @Authorize('hooks:write')
  async update(@RpcChange() change: GrpcChange, @Payload() { id, key, name, blocked }: rpc.UpdateProjectRequest): Promise<object> {
    const patch = validated(ProjectPatch, present({ key, name, blocked }));
    return { project: (await updateFacts(this.registry, change.requestOf(this.registry), projects, id, patch)).body };
  }

  @GrpcMethod('ProjectService', 'DeleteProject')
  @Authorize('hooks:write')
  async delete(@RpcChange() change: GrpcChange, @Payload() { id }: rpc.DeleteProjectRequest): Promise<object> {
    await deleteFacts(this.registry, change.requestOf(this.registry), projects, id);
    return {};
  }

  @GrpcMethod('ProjectService', 'ListMembers')
  @Authorize('hooks:read')
  async listMembers(@Payload() request: rpc.ListMembersRequest): Promise<object> {
    const { tenant, project } = request;
    await readFacts(this.registry, tenant, projects, project);
    return (await listFacts(this.registry, tenant, memberships, pageWish(request), membershipId(project, ''))).body;
  }

  @GrpcMethod('ProjectService', 'GetMember')
  @Authorize('hooks:read')
  async getMember(@Payload() { tenant, project, user, at }: rpc.GetMemberRequest): Promise<object> {
    const id = membershipId(project, user);
    return { member: (at === '' ? await readFacts(this.registry, tenant, memberships, id) : await told.membership.at(this.registry, tenant, id, momentMs(at))).body };
  }

  @GrpcMethod('ProjectService', 'PutMember')
  @Authorize('admin')
  async putMember(@RpcChange() change: GrpcChange, @Payload() { project, user, role }: rpc.PutMemberRequest): Promise<object> {
    return { member: (await putMembership(this.registry, change.requestOf(this.registry), project, user, validated(MembershipPut, { role }))).body };
  }

  @GrpcMethod('ProjectService', 'DeleteMember')
  @Authorize('admin')
  async deleteMember(@RpcChange() change: GrpcChange, @Payload() { project, user }: rpc.DeleteMemberRequest): Promise<object> {
    await deleteFacts(this.registry, change.requestOf(this.registry), memberships, membershipId(project, user));
    return {};
  }
}
