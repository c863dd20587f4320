import { AppError } from '@hooklane/kernel';
import { everyOne } from '../../every-one.js';
import type { HookState } from '../../hook/hook-state.js';
import { hookAggregate } from '../../hook/hook.decider.js';
import type { Caller, Registry, Stored } from '../../ports.js';
import type { BacklogProject } from './backlog-project.js';

const KIND = 'hook/backlog';

/** A hook of the project under the number by which Backlog's clients know it. */
export interface NumberedHook {
  readonly number: number;
  readonly hook: Stored<HookState>;
}

/** The names under which the project's events come: publishers use either. Tests of a hook go under the first. */
export function namesOf({ id, key }: BacklogProject): readonly string[] {
  return [key, id];
}

/** All hooks of the dialect that name the project, whoever made them, in the order of their numbers. Those for every project are the tenant's, not a project's. */
export async function projectHooks({ reads, numbers }: Pick<Registry, 'reads' | 'numbers'>, tenantId: string, project: BacklogProject): Promise<readonly NumberedHook[]> {
  const hooks: Stored<HookState>[] = [];
  for await (const hook of everyOne<HookState>(reads, hookAggregate, tenantId)) if (isOf(project, hook)) hooks.push(hook);
  const known = await numbers.numbersOf(tenantId, KIND, hooks.map(({ id }) => id));
  return hooks
    .flatMap((hook) => {
      const number = known.get(hook.id);
      return number === undefined ? [] : [{ number, hook }];
    })
    .sort((a, b) => a.number - b.number);
}

/** @param number as it stands in the path @throws AppError `not-found` where the project has no such hook */
export async function projectHook({ reads, numbers }: Pick<Registry, 'reads' | 'numbers'>, tenantId: string, project: BacklogProject, number: string): Promise<NumberedHook> {
  const id = /^[1-9]\d{0,15}$/.test(number) ? await numbers.idOf(tenantId, KIND, Number(number)) : null;
  const hook = id === null ? null : await reads.find<HookState>(hookAggregate, tenantId, id);
  if (!hook || !isOf(project, hook)) throw new AppError('not-found', 'No webhook.');
  return { number: Number(number), hook };
}

/**
 * A hook of several projects, which the native API can make, is changed and deleted by who may administrate all hooks.
 * @throws AppError `missing-scope`
 */
export function assertMayChange(caller: Caller, project: BacklogProject, { state }: Stored<HookState>): void {
  const isItsOwn = state.config.projects.every((name) => namesOf(project).includes(name));
  if (!isItsOwn && !caller.mayWrite()) throw new AppError('missing-scope', 'This webhook belongs to other projects too: it is for administrators.');
}

function isOf(project: BacklogProject, { state }: Stored<HookState>): boolean {
  return state.dialect === 'backlog' && state.config.projects.some((name) => namesOf(project).includes(name));
}
