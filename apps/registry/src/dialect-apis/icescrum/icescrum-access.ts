import { sourceOf } from './icescrum-hook.js';

/** What these rules read of who calls; `Caller` fits. */
export interface WorkspaceCaller {
  mayWrite(): boolean;
  projectRole(projectId: string): string | null;
}

const ROLES: ReadonlySet<string | null> = new Set(['product-owner', 'scrum-master', 'admin']);

/** I6: a project's hooks are for its Product Owner and its Scrum Master, and for who may change every hook: seeing one is seeing its secret. */
export function mayUseProject(caller: WorkspaceCaller, projectId: string): boolean {
  return isAdmin(caller) || ROLES.has(caller.projectRole(projectId));
}

/** The server's own hooks are for administrators. */
export function isAdmin(caller: WorkspaceCaller): boolean {
  return caller.mayWrite();
}

export interface FoundHook {
  readonly origin: string;
  /** Ids of its projects; none: a hook of the server. */
  readonly projectIds: readonly string[];
}

/**
 * I19: what a program made is changed by programs, a person may but delete it.
 * @param byHand whether the request comes from iceScrum's own pages
 * @returns why not, or null
 */
export function changeProblem(caller: WorkspaceCaller, hook: FoundHook, byHand: boolean): string | null {
  if (byHand && sourceOf(hook.origin) === 'resthook') return 'This hook was made through the REST API or by an app, and is changed there.';
  return deletionProblem(caller, hook);
}

/** A hook of several projects, which only other views can make, is for who may use each of them. @returns why not, or null */
export function deletionProblem(caller: WorkspaceCaller, { projectIds }: FoundHook): string | null {
  return projectIds.every((projectId) => mayUseProject(caller, projectId)) ? null : 'This hook belongs to other projects too.';
}
