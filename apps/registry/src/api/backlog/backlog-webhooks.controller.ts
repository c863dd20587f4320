import { Delete, Get, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import { AppError } from '@hooklane/kernel';
import type { FastifyRequest } from 'fastify';
import { administratedProject, type BacklogProject } from '../../dialect-apis/backlog/backlog-project.js';
import { assertMayChange, namesOf, projectHook, projectHooks, type NumberedHook } from '../../dialect-apis/backlog/project-hooks.js';
import { changedHook, newHook } from '../../dialect-apis/backlog/webhook-changes.js';
import { webhookFieldsOf } from '../../dialect-apis/backlog/webhook-fields.js';
import { webhookPeople } from '../../dialect-apis/backlog/webhook-people.js';
import { webhookView, type BacklogWebhook } from '../../dialect-apis/backlog/webhook-view.js';
import { createHook } from '../../hook/create-hook.js';
import { deleteHook } from '../../hook/delete-hook.js';
import { hookSecretsOf } from '../../hook/hook-secrets.js';
import { updateHook } from '../../hook/update-hook.js';
import type { Caller, Registry } from '../../ports.js';
import { changeRequestOf } from '../dialects/change-request-of.js';
import type { DialectAnswer } from '../dialects/dialect-answer.interceptor.js';
import { DialectRoute } from '../dialects/dialect-route.js';
import { formOf } from '../dialects/form.js';
import { REGISTRY } from '../registry.token.js';

interface Called {
  readonly caller: Caller;
  readonly project: BacklogProject;
}

/** Backlog's own API of a project's webhooks (dialects design 2.2), for its clients. */
@DialectRoute('api/v2/projects/:project/webhooks')
export class BacklogWebhooksController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Param('project') idOrKey: string): Promise<DialectAnswer> {
    const { caller, project } = await this.called(request, idOrKey);
    const hooks = await projectHooks(this.registry, caller.tenantId, project);
    const webhooks: BacklogWebhook[] = [];
    for (const hook of hooks) webhooks.push(await this.view(caller, hook));
    return { status: 200, body: webhooks };
  }

  @Post()
  async add(@Req() request: FastifyRequest, @Param('project') idOrKey: string): Promise<DialectAnswer> {
    const { caller, project } = await this.called(request, idOrKey);
    const hook = newHook(webhookFieldsOf(formOf(request).body), namesOf(project));
    const { body } = await createHook(this.registry, changeRequestOf(this.registry, caller), hook, { origin: 'backlog' });
    return this.shown(caller, project, body.id);
  }

  @Get(':webhook')
  async read(@Req() request: FastifyRequest, @Param('project') idOrKey: string, @Param('webhook') number: string): Promise<DialectAnswer> {
    const { caller, project } = await this.called(request, idOrKey);
    return { status: 200, body: await this.view(caller, await projectHook(this.registry, caller.tenantId, project, number)) };
  }

  @Patch(':webhook')
  async change(@Req() request: FastifyRequest, @Param('project') idOrKey: string, @Param('webhook') number: string): Promise<DialectAnswer> {
    const { caller, project } = await this.called(request, idOrKey);
    const { hook } = await projectHook(this.registry, caller.tenantId, project, number);
    assertMayChange(caller, project, hook);
    const patch = changedHook(webhookFieldsOf(formOf(request).body), hook.state);
    await updateHook(this.registry, changeRequestOf(this.registry, caller), hook.id, patch);
    return this.shown(caller, project, hook.id);
  }

  /** Answers with what is no more. */
  @Delete(':webhook')
  async delete(@Req() request: FastifyRequest, @Param('project') idOrKey: string, @Param('webhook') number: string): Promise<DialectAnswer> {
    const { caller, project } = await this.called(request, idOrKey);
    const found = await projectHook(this.registry, caller.tenantId, project, number);
    assertMayChange(caller, project, found.hook);
    const body = await this.view(caller, found);
    await deleteHook(this.registry, changeRequestOf(this.registry, caller), found.hook.id);
    return { status: 200, body };
  }

  /** @throws AppError `unauthenticated`, `not-found`, `missing-scope` */
  private async called(request: FastifyRequest, idOrKey: string): Promise<Called> {
    const token = tokenOf(request);
    const caller = token === '' ? null : await this.registry.callers.withToken(token);
    if (!caller) throw new AppError('unauthenticated', 'Authentication failure.');
    return { caller, project: await administratedProject(this.registry, caller, idOrKey) };
  }

  private async shown(caller: Caller, project: BacklogProject, hookId: string): Promise<DialectAnswer> {
    const number = await this.registry.numbers.numberOf(caller.tenantId, 'hook/backlog', hookId);
    return { status: 200, body: await this.view(caller, await projectHook(this.registry, caller.tenantId, project, String(number))) };
  }

  private async view({ tenantId }: Caller, { number, hook }: NumberedHook): Promise<BacklogWebhook> {
    const people = await webhookPeople(this.registry, tenantId, hook.id);
    return webhookView(hook.state, { id: number, hookUrl: hookSecretsOf(this.registry, hook.state).url, ...people });
  }
}

/** An API key in Backlog's header or in the query, or an access token. */
function tokenOf(request: FastifyRequest): string {
  const header = request.headers['backlog-api-key'];
  if (typeof header === 'string') return header;
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const { apiKey } = request.query as { readonly apiKey?: unknown };
  return typeof apiKey === 'string' ? apiKey : '';
}
