import { describe, expect, it } from '@jest/globals';
import { HookChanged } from '@hooklane/contracts/topics';
import { HookTable } from './hook-table.js';

const hook = (hookId: string, version: number, more: Partial<HookChanged> = {}): HookChanged => ({ ...HookChanged.decode(new Uint8Array()), tenantId: 'acme', hookId, version, ...more });

describe('HookTable', () => {
  it('applies only a higher version', () => {
    const table = new HookTable();
    table.apply(hook('hook_1', 2, { name: 'new' }));
    table.apply(hook('hook_1', 1, { name: 'old' }));
    table.apply(hook('hook_1', 2, { name: 'again' }));
    expect(table.get('hook_1')?.name).toBe('new');
  });

  it('keeps a deleted hook from being resurrected by a late record', () => {
    const table = new HookTable();
    table.apply(hook('hook_1', 3, { deleted: true }));
    table.apply(hook('hook_1', 2));
    expect(table.get('hook_1')).toBeUndefined();
    expect(table.version('hook_1')).toBe(3);
    expect(table.ofTenant('acme')).toEqual([]);
  });

  it('lists a tenant\'s hooks in id order, in an array that is replaced when one changes and never changed', () => {
    const table = new HookTable();
    for (const id of ['hook_3', 'hook_1', 'hook_2']) table.apply(hook(id, 1));
    const before = table.ofTenant('acme');
    expect(table.ofTenant('acme')).toBe(before);
    table.apply(hook('hook_0', 1));
    table.apply(hook('hook_2', 2, { name: 'renamed' }));
    table.apply(hook('hook_3', 2, { deleted: true }));
    table.apply(hook('hook_9', 1, { tenantId: 'other' }));
    expect(before.map((one) => one.hookId)).toEqual(['hook_1', 'hook_2', 'hook_3']);
    expect(table.ofTenant('acme').map((one) => `${one.hookId}/${one.name}`)).toEqual(['hook_0/', 'hook_1/', 'hook_2/renamed']);
  });

  it('lets wait for a version, which may be that of a deletion', async () => {
    const table = new HookTable();
    const reached: number[] = [];
    const waits = [1, 2, 3].map((version) => table.atLeast('hook_1', version).then(() => reached.push(version)));
    table.apply(hook('hook_1', 2));
    await Promise.all(waits.slice(0, 2));
    expect(reached).toEqual([1, 2]);
    table.apply(hook('hook_1', 3, { deleted: true }));
    await waits[2];
    await table.atLeast('hook_1', 3);
  });

  it('tells listeners of each applied change until they leave', () => {
    const table = new HookTable();
    const heard: number[] = [];
    const leave = table.onChange((changed) => heard.push(changed.version));
    table.apply(hook('hook_1', 1));
    table.apply(hook('hook_1', 1));
    table.apply(hook('hook_1', 2, { deleted: true }));
    leave();
    table.apply(hook('hook_1', 3));
    expect(heard).toEqual([1, 2]);
  });
});
