import { describe, expect, it } from '@jest/globals';
import { given } from '@hooklane/event-sourcing/testing';
import { factsAggregate } from './facts-aggregate.js';

const things = factsAggregate<'Thing', { size: number; name: string }>('project', 'Thing', { size: 0, name: '' });
const facts = { size: 1, name: 'one' };
const created = { type: 'ThingCreated', data: { tenantId: 'acme', id: 't1', facts, atMs: 1 } } as const;

describe('an aggregate of facts', () => {
  it('is made once, changes what differs, and is gone when deleted', () => {
    const create = { kind: 'create', tenantId: 'acme', id: 't1', facts, atMs: 1 } as const;
    expect(given(things).when(create).events).toEqual([created]);
    expect(given(things, [created]).when(create).refusal).toBe('already-exists');
    expect(given(things, [created]).when({ kind: 'change', changes: { size: 1, name: 'two' }, atMs: 2 }).events).toEqual([{ type: 'ThingChanged', data: { changes: { name: 'two' }, atMs: 2 } }]);
    expect(given(things, [created]).when({ kind: 'change', changes: { size: 1 }, atMs: 2 }).events).toEqual([]);
    const deleted = given(things, [created]).when({ kind: 'delete', atMs: 3 });
    expect(deleted.state.status).toBe('deleted');
    expect(given(things, [created, ...deleted.events]).when({ kind: 'change', changes: { size: 2 }, atMs: 4 }).refusal).toBe('not-found');
  });

  it('put makes it, changes it, and makes it again after it was deleted', () => {
    const put = { kind: 'put', tenantId: 'acme', id: 't1', facts, atMs: 1 } as const;
    expect(given(things).when(put).events).toEqual([created]);
    expect(given(things, [created]).when({ ...put, facts: { size: 2, name: 'one' } }).events).toEqual([{ type: 'ThingChanged', data: { changes: { size: 2 }, atMs: 1 } }]);
    expect(given(things, [created, { type: 'ThingDeleted', data: { atMs: 2 } }]).when(put).state.status).toBe('live');
  });
});
