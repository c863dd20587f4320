import type { Caller, Registry } from '../../ports.js';
import { ProjectBook, type NumberedProject } from './project-book.js';
import type { TaigaAnswer } from './taiga-answer.js';
import { notFound } from './taiga-failure.js';
import { listPage, type ListWish } from './webhook-list.js';

/** The projects that the caller has a role in, by name: Taiga's clients look the number of a project up before they make its webhooks. */
export async function listProjects(registry: Registry, caller: Caller | null, wish: ListWish): Promise<TaigaAnswer> {
  const all = caller ? (await new ProjectBook(registry, caller.tenantId).all()).filter(({ id }) => caller.projectRole(id) !== null) : [];
  const page = listPage(all, wish);
  if (!page) throw notFound();
  return { status: 200, headers: page.headers, body: page.items.map((project) => projectView(caller!, project)) };
}

/** @param wanted its number or its key (Taiga's slug), as it came @throws AppError `not-found` also for one that the caller has no role in */
export async function readProject(registry: Registry, caller: Caller, wanted: { readonly number: string } | { readonly slug: string }): Promise<TaigaAnswer> {
  const book = new ProjectBook(registry, caller.tenantId);
  const project = 'slug' in wanted ? await book.find(wanted.slug) : /^\d{1,15}$/.test(wanted.number) ? await book.withNumber(Number(wanted.number)) : null;
  if (!project || caller.projectRole(project.id) === null) throw notFound();
  return { status: 200, body: projectView(caller, project) };
}

function projectView(caller: Caller, { id, number, key, name, blocked }: NumberedProject): Readonly<Record<string, unknown>> {
  return {
    id: number,
    name,
    slug: key,
    description: '',
    is_private: true,
    i_am_admin: caller.mayAdministrate(id),
    i_am_member: true,
    blocked_code: blocked ? 'blocked-by-staff' : null,
    logo_small_url: null,
    logo_big_url: null,
  };
}
