import type { HookChanged } from '@hooklane/contracts/topics';

/** The newest state of every hook, by id and by tenant. */
export class HookTable {
  private readonly byId = new Map<string, HookChanged>();
  private readonly byTenant = new Map<string, Map<string, HookChanged>>();
  /** In id order; built when first asked for, so that reading 100,000 hooks at start sorts once. */
  private readonly sorted = new Map<string, readonly HookChanged[]>();
  private readonly waiters = new Map<string, { readonly version: number; readonly resolve: () => void }[]>();
  private readonly listeners = new Set<(hook: HookChanged) => void>();

  /** Only a higher version replaces what is known. */
  apply(hook: HookChanged): void {
    if (hook.version <= this.version(hook.hookId)) return;
    this.byId.set(hook.hookId, hook);
    this.place(hook);
    for (const listener of this.listeners) listener(hook);
    this.release(hook);
  }

  get(hookId: string): HookChanged | undefined {
    const hook = this.byId.get(hookId);
    return hook?.deleted ? undefined : hook;
  }

  version(hookId: string): number {
    return this.byId.get(hookId)?.version ?? 0;
  }

  ofTenant(tenantId: string): readonly HookChanged[] {
    const known = this.sorted.get(tenantId);
    if (known) return known;
    const hooks = [...(this.byTenant.get(tenantId)?.values() ?? [])].sort((a, b) => (a.hookId < b.hookId ? -1 : 1));
    // Not kept for tenants without hooks: their names may be made up by a caller.
    if (hooks.length > 0) this.sorted.set(tenantId, hooks);
    return hooks.length > 0 ? hooks : NO_HOOKS;
  }

  atLeast(hookId: string, version: number): Promise<void> {
    if (this.version(hookId) >= version) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.waiters.get(hookId) ?? [];
      waiting.push({ version, resolve });
      this.waiters.set(hookId, waiting);
    });
  }

  onChange(listener: (hook: HookChanged) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private place(hook: HookChanged): void {
    const hooks = this.byTenant.get(hook.tenantId) ?? new Map<string, HookChanged>();
    this.byTenant.set(hook.tenantId, hooks);
    if (hook.deleted) hooks.delete(hook.hookId);
    else hooks.set(hook.hookId, hook);
    const sorted = this.sorted.get(hook.tenantId);
    if (!sorted) return;
    const at = placeOf(sorted, hook.hookId);
    const isThere = sorted[at]?.hookId === hook.hookId;
    this.sorted.set(hook.tenantId, sorted.toSpliced(at, isThere ? 1 : 0, ...(hook.deleted ? [] : [hook])));
  }

  private release(hook: HookChanged): void {
    const waiting = this.waiters.get(hook.hookId);
    if (!waiting) return;
    const still = waiting.filter((waiter) => waiter.version > hook.version);
    if (still.length > 0) this.waiters.set(hook.hookId, still);
    else this.waiters.delete(hook.hookId);
    for (const waiter of waiting) if (waiter.version <= hook.version) waiter.resolve();
  }
}

const NO_HOOKS: readonly HookChanged[] = Object.freeze([]);

/** @returns where the hook is, or would be inserted. */
function placeOf(sorted: readonly HookChanged[], hookId: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.hookId < hookId) low = middle + 1;
    else high = middle;
  }
  return low;
}
