import { Delete, Get, Inject, Param, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { hookCreateOf, hookForm, hookPatchOf } from '../../dialect-apis/icescrum/hook-form.js';
import { changeProblem, deletionProblem } from '../../dialect-apis/icescrum/icescrum-access.js';
import { validationBody } from '../../dialect-apis/icescrum/icescrum-failure.js';
import { shownEvents } from '../../dialect-apis/icescrum/workspace-codes.js';
import { createHook } from '../../hook/create-hook.js';
import { deleteHook } from '../../hook/delete-hook.js';
import { hookAggregate } from '../../hook/hook.decider.js';
import type { HookState } from '../../hook/hook-state.js';
import { updateHook } from '../../hook/update-hook.js';
import type { Registry, Stored } from '../../ports.js';
import { changeRequestOf } from '../dialects/change-request-of.js';
import type { DialectAnswer } from '../dialects/dialect-answer.interceptor.js';
import { DialectRoute } from '../dialects/dialect-route.js';
import { formOf } from '../dialects/form.js';
import { REGISTRY } from '../registry.token.js';
import { ICESCRUM_SETTINGS, type IcescrumSettings } from './icescrum.settings.js';
import { hookOf, hooksOf, projectIdsOf, shown } from './workspace-hooks.js';
import { enter, type Workspace } from './workspaces.js';

/** Hooks of a project, and of the server, as iceScrum's REST API has them (dialects design 4.2). */
@DialectRoute('ws/project/:pkey/hook', 'ws/hook')
export class IcescrumHooksController {
  constructor(
    @Inject(REGISTRY) private readonly registry: Registry,
    @Inject(ICESCRUM_SETTINGS) private readonly settings: IcescrumSettings,
  ) {}

  @Get()
  list(@Req() request: FastifyRequest, @Param('pkey') pkey?: string): Promise<DialectAnswer> {
    return this.within(request, pkey, async (workspace) => ({ status: 200, body: await hooksOf(this.registry, workspace) }));
  }

  @Post()
  create(@Req() request: FastifyRequest, @Param('pkey') pkey?: string): Promise<DialectAnswer> {
    return this.within(request, pkey, async (workspace) => {
      const { caller, level, project } = workspace;
      const form = hookForm(formOf(request).body, { level, present: null });
      if (!form.ok) return { status: 400, body: validationBody(form.faults) };
      const wish = hookCreateOf(form.wish, project ? [project.id, project.key] : []);
      const { body } = await createHook(this.registry, changeRequestOf(this.registry, caller), wish, { origin: isByHand(request) ? 'console' : 'icescrum' });
      return this.shownAs(201, workspace, body.id);
    });
  }

  @Get(':id')
  read(@Req() request: FastifyRequest, @Param('id') id: string, @Param('pkey') pkey?: string): Promise<DialectAnswer> {
    return this.withHook({ request, pkey, id }, async (workspace, hook) => ({ status: 200, body: (await shown(this.registry, workspace, [hook]))[0] }));
  }

  @Put(':id')
  put(@Req() request: FastifyRequest, @Param('id') id: string, @Param('pkey') pkey?: string): Promise<DialectAnswer> {
    return this.update({ request, pkey, id });
  }

  /** The product's older clients update so. */
  @Post(':id')
  post(@Req() request: FastifyRequest, @Param('id') id: string, @Param('pkey') pkey?: string): Promise<DialectAnswer> {
    return this.update({ request, pkey, id });
  }

  @Delete(':id')
  delete(@Req() request: FastifyRequest, @Param('id') id: string, @Param('pkey') pkey?: string): Promise<DialectAnswer> {
    return this.withHook({ request, pkey, id }, async (workspace, hook) => {
      const problem = deletionProblem(workspace.caller, { origin: hook.state.origin, projectIds: projectIdsOf(workspace, hook.state) });
      if (problem !== null) return refusal(403, problem);
      await deleteHook(this.registry, changeRequestOf(this.registry, workspace.caller), hook.id);
      return { status: 204, body: null };
    });
  }

  private update(place: HookPlace): Promise<DialectAnswer> {
    return this.withHook(place, async (workspace, { id, state }) => {
      const { caller, level } = workspace;
      const problem = changeProblem(caller, { origin: state.origin, projectIds: projectIdsOf(workspace, state) }, isByHand(place.request));
      if (problem !== null) return refusal(403, problem);
      const events = shownEvents(state.config.eventTypes, level);
      const form = hookForm(formOf(place.request).body, { level, present: events });
      if (!form.ok) return { status: 400, body: validationBody(form.faults) };
      await updateHook(this.registry, changeRequestOf(this.registry, caller), id, hookPatchOf(form.wish, events));
      return this.shownAs(200, workspace, id);
    });
  }

  private async within(request: FastifyRequest, pkey: string | undefined, then: (workspace: Workspace) => Promise<DialectAnswer>): Promise<DialectAnswer> {
    const entered = await enter(this.registry, this.settings, request, queryOf(request), pkey ?? null);
    return entered.ok ? then(entered.workspace) : refusal(entered.status, entered.text);
  }

  private withHook({ request, pkey, id }: HookPlace, then: (workspace: Workspace, hook: Stored<HookState>) => Promise<DialectAnswer>): Promise<DialectAnswer> {
    return this.within(request, pkey, async (workspace) => {
      const hook = await hookOf(this.registry, workspace, id);
      return hook ? then(workspace, hook) : refusal(404, `There is no hook ${id} here.`);
    });
  }

  private async shownAs(status: number, workspace: Workspace, hookId: string): Promise<DialectAnswer> {
    const hook = await this.registry.reads.find<HookState>(hookAggregate, workspace.caller.tenantId, hookId);
    return hook ? { status, body: (await shown(this.registry, workspace, [hook]))[0] } : refusal(404, 'The hook was deleted meanwhile.');
  }
}

interface HookPlace {
  readonly request: FastifyRequest;
  readonly pkey: string | undefined;
  readonly id: string;
}

/** iceScrum's own pages send this header; programs do not (I19). */
function isByHand(request: FastifyRequest): boolean {
  return request.headers['x-icescrum-client'] !== undefined;
}

function refusal(status: number, text: string): DialectAnswer {
  return { status, body: { text } };
}

/** Before the body is looked at: who may not come in is told so, whatever the body is. */
function queryOf({ url, headers }: FastifyRequest): Readonly<Record<string, unknown>> {
  return formOf({ url, headers, body: undefined }).query;
}
