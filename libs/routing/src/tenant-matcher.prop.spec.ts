import { describe, expect, it } from '@jest/globals';
import { EventAccepted, HookChanged } from '@hooklane/contracts/topics';
import fc from 'fast-check';
import { matchableEvent } from './matchable-event.js';
import { prepareHook } from './prepare-hook.js';
import { TenantMatchers } from './tenant-matcher.js';

const unknown = (): undefined => undefined;
const types = ['a', 'a.b', 'a.b.c', 'b.c', 'z'];
const hooks = fc
  .array(
    fc.record({
      eventTypes: fc.array(fc.constantFrom('*', 'a', 'a.*', 'a.b', 'a.b.*', 'b.*'), { maxLength: 2 }),
      matchedTypes: fc.array(fc.constantFrom('a', 'b.*', 'z'), { maxLength: 2 }),
      projects: fc.array(fc.constantFrom('p', 'q'), { maxLength: 1 }),
      filter: fc.constantFrom('', '{"data":{"n":{"$gt":1}}}'),
    }),
    { maxLength: 12 },
  )
  .map((parts) => parts.map((part, index) => ({ ...HookChanged.decode(new Uint8Array()), tenantId: 't', hookId: `hook_${String(index).padStart(2, '0')}`, ...part })));
const events = fc.array(
  fc.record({ type: fc.constantFrom(...types), project: fc.constantFrom('', 'p', 'q'), data: fc.constantFrom('{"n":1}', '{"n":2}', 'text') }).map((part) => ({ ...EventAccepted.decode(new Uint8Array()), tenantId: 't', ...part, data: Buffer.from(part.data) })),
  { minLength: 1, maxLength: 6 },
);

describe('TenantMatchers', () => {
  it('selects exactly the hooks that match one by one, in id order', () => {
    fc.assert(
      fc.property(hooks, events, (all, published) => {
        const matcher = new TenantMatchers(() => undefined).of(all);
        for (const event of published) {
          const expected = all.filter((hook) => prepareHook(hook).match(matchableEvent(event, unknown)).matched).map((hook) => hook.hookId);
          expect(matcher.match(matchableEvent(event, unknown)).map(({ hook }) => hook.hookId)).toEqual(expected);
        }
      }),
    );
  });

  it('tells once of a hook that cannot be prepared, and leaves the others alone', () => {
    const [good, bad] = ['hook_1', 'hook_2'].map((hookId) => ({ ...HookChanged.decode(new Uint8Array()), tenantId: 't', hookId, eventTypes: ['*'] })) as [HookChanged, HookChanged];
    bad.filter = '{"$nonsense":1}';
    const told: string[] = [];
    const matchers = new TenantMatchers((hook) => told.push(hook.hookId));
    const event = matchableEvent({ ...EventAccepted.decode(new Uint8Array()), tenantId: 't', type: 'a' }, unknown);
    expect(matchers.of([good, bad]).match(event).map(({ hook }) => hook.hookId)).toEqual(['hook_1']);
    expect(matchers.of([good, bad]).match(event)).toHaveLength(1);
    expect(told).toEqual(['hook_2']);
  });
});
