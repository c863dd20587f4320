import { STATUS_CODES } from 'node:http';
import { icescrumHook, type IcescrumHook } from '../../dialect-apis/icescrum/icescrum-hook.js';
import { everyOne } from '../../every-one.js';
import { hookSecretsOf } from '../../hook/hook-secrets.js';
import { hookAggregate } from '../../hook/hook.decider.js';
import type { HookState } from '../../hook/hook-state.js';
import type { Registry, Stored } from '../../ports.js';
import type { Workspace } from './workspaces.js';

/** By it iceScrum's hooks are numbered. */
const KIND = 'hook/icescrum';

/** The workspace's hooks, in the order of their numbers. */
export async function hooksOf(registry: Registry, workspace: Workspace): Promise<readonly IcescrumHook[]> {
  const found: Stored<HookState>[] = [];
  for await (const hook of everyOne<HookState>(registry.reads, hookAggregate, workspace.caller.tenantId)) if (isIn(workspace, hook.state)) found.push(hook);
  return shown(registry, workspace, found);
}

/** @param id as it stands in the path @returns null for what is no hook of the workspace */
export async function hookOf(registry: Registry, workspace: Workspace, id: string): Promise<Stored<HookState> | null> {
  const { tenantId } = workspace.caller;
  const hookId = /^\d{1,15}$/.test(id) ? await registry.numbers.idOf(tenantId, KIND, Number(id)) : null;
  const hook = hookId === null ? null : await registry.reads.find<HookState>(hookAggregate, tenantId, hookId);
  return hook && isIn(workspace, hook.state) ? hook : null;
}

export async function shown(registry: Registry, workspace: Workspace, hooks: readonly Stored<HookState>[]): Promise<readonly IcescrumHook[]> {
  const { caller, project } = workspace;
  const ids = hooks.map(({ id }) => id);
  const numbers = await registry.numbers.numbersOf(caller.tenantId, KIND, ids);
  const healths = await registry.healths.of(ids);
  const workspaceId = project && (await registry.numbers.numberOf(caller.tenantId, 'project', project.id));
  return hooks
    .map(({ id, state }) => icescrumHook({ number: numbers.get(id)!, hook: state, secrets: hookSecretsOf(registry, state), workspaceId, health: healths.get(id), reasonOf: (status) => STATUS_CODES[status] ?? '' }))
    .sort((one, other) => one.id - other.id);
}

export function projectIdsOf({ projects }: Workspace, { config }: HookState): readonly string[] {
  return config.projects.map((name) => projects.get(name)?.id ?? name);
}

/** A hook that names no project is the server's. */
function isIn(workspace: Workspace, hook: HookState): boolean {
  if (hook.dialect !== 'icescrum') return false;
  const { project } = workspace;
  return project === null ? hook.config.projects.length === 0 : projectIdsOf(workspace, hook).includes(project.id);
}
