import { Get, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { listProjects, readProject } from '../../dialect-apis/taiga/find-projects.js';
import type { TaigaAnswer } from '../../dialect-apis/taiga/taiga-answer.js';
import type { Registry } from '../../ports.js';
import { DialectRoute } from '../dialects/dialect-route.js';
import { REGISTRY } from '../registry.token.js';
import { callerOf, listWish, someCallerOf } from './taiga-call.js';

/** Where Taiga's clients find the number of a project; nothing else of Taiga's projects is here. */
@DialectRoute('api/v1/projects')
export class TaigaProjectsController {
  constructor(@Inject(REGISTRY) private readonly registry: Registry) {}

  @Get()
  async list(@Req() request: FastifyRequest): Promise<TaigaAnswer> {
    return listProjects(this.registry, await callerOf(this.registry, request), listWish(request, 'member'));
  }

  @Get('by_slug')
  async bySlug(@Req() request: FastifyRequest): Promise<TaigaAnswer> {
    const { filter: slug } = listWish(request, 'slug');
    return readProject(this.registry, await someCallerOf(this.registry, request), { slug: typeof slug === 'string' ? slug : '' });
  }

  @Get(':id')
  async read(@Req() request: FastifyRequest, @Param('id') number: string): Promise<TaigaAnswer> {
    return readProject(this.registry, await someCallerOf(this.registry, request), { number });
  }
}
