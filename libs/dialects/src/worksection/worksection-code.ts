/** What an event's code says: `close_task` is the action `close` on the type `task`. */
export interface WorksectionCode {
  readonly action: 'post' | 'update' | 'delete' | 'close' | 'reopen';
  readonly type: 'task' | 'comment' | 'project';
  /** For a person, as the form in the product names it (W17). */
  readonly title: string;
}

/** The nine of W22 in the order of the product, and `reopen_task`, which its list of hooks shows (W26). */
export const worksectionCodes: readonly WorksectionCode[] = [
  { action: 'post', type: 'task', title: 'Create a task' },
  { action: 'post', type: 'comment', title: 'Create a comment' },
  { action: 'post', type: 'project', title: 'Create a project' },
  { action: 'update', type: 'task', title: 'Edit a task' },
  { action: 'update', type: 'comment', title: 'Edit a comment' },
  { action: 'update', type: 'project', title: 'Edit a project' },
  { action: 'delete', type: 'task', title: 'Delete a task' },
  { action: 'delete', type: 'comment', title: 'Delete a comment' },
  { action: 'close', type: 'task', title: 'Complete a task' },
  { action: 'reopen', type: 'task', title: 'Reopen a task' },
];

const byName: ReadonlyMap<string, WorksectionCode> = new Map(worksectionCodes.map((code) => [nameOfCode(code), code]));

export function nameOfCode({ action, type }: WorksectionCode): string {
  return `${action}_${type}`;
}

/** @returns undefined for a name that the product does not have */
export function codeNamed(name: string): WorksectionCode | undefined {
  return byName.get(name);
}
