import { describe, expect, it } from '@jest/globals';
import { EventAccepted, HookChanged } from '@hooklane/contracts/topics';
import { isAppError } from '@hooklane/kernel';
import { matchableEvent } from './matchable-event.js';
import { prepareHook } from './prepare-hook.js';

const hook = (part: Partial<HookChanged>): HookChanged => ({ ...HookChanged.decode(new Uint8Array()), tenantId: 't1', hookId: 'hook_1', eventTypes: ['*'], ...part });
const event = (part: Partial<EventAccepted>): EventAccepted => ({ ...EventAccepted.decode(new Uint8Array()), tenantId: 't1', eventId: 'evt_1', type: 'order.paid', data: Buffer.from('{"amount":5}'), ...part });
const projectNamed = (tenantId: string, name: string) => (tenantId === 't1' && ['prj_9', 'SHOP'].includes(name) ? { projectId: 'prj_9', key: 'SHOP' } : undefined);
const match = (hookPart: Partial<HookChanged>, eventPart: Partial<EventAccepted> = {}) => prepareHook(hook(hookPart)).match(matchableEvent(event(eventPart), projectNamed));

describe('prepareHook', () => {
  it('never matches another tenant', () => {
    expect(match({}, { tenantId: 't2' })).toMatchObject({ matched: false, condition: 'tenant' });
  });

  it.each([
    [['*'], true],
    [['order.paid'], true],
    [['order.*'], true],
    [['order.paid.*'], false],
    [['ord.*'], false],
    [['invoice.*', 'order.paid'], true],
    [[], false],
  ])('selects by type: %j → %s', (eventTypes, matched) => {
    expect(match({ eventTypes }).matched).toBe(matched);
  });

  it('takes what the dialect makes of the types, where it says so, and names what the owner chose', () => {
    const parts = { eventTypes: ['story.update'], matchedTypes: ['story.update', 'story.state'] };
    expect(match(parts, { type: 'story.state' }).matched).toBe(true);
    expect(match(parts, { type: 'story.update' }).matched).toBe(true);
    expect(match(parts, { type: 'story.create' })).toMatchObject({ condition: 'event-type', detail: 'The hook wants story.update; the event is story.create.' });
  });

  it.each([
    ['SHOP', 'prj_9', true],
    ['prj_9', 'SHOP', true],
    ['SHOP', 'SHOP', true],
    ['SHOP', 'OTHER', false],
    ['OTHER', 'prj_9', false],
  ])('knows a project by its id and its key: a hook of %s and an event of %s is %s', (ofHook, ofEvent, matched) => {
    expect(match({ projects: [ofHook] }, { project: ofEvent }).matched).toBe(matched);
  });

  it('takes events of every project unless projects are named', () => {
    expect(match({ projects: [] }, { project: 'p1' }).matched).toBe(true);
    expect(match({ projects: ['p1'] }, { project: 'p1' }).matched).toBe(true);
    expect(match({ projects: ['p1'] }, { project: '' })).toMatchObject({ condition: 'project', detail: 'The hook wants events of p1; the event has no project.' });
  });

  it('says which condition of the filter failed', () => {
    expect(match({ filter: '{"data":{"amount":{"$gt":4}}}' }).matched).toBe(true);
    expect(match({ filter: '{"data":{"amount":{"$gt":5}}}' })).toMatchObject({
      condition: 'filter',
      detail: "The filter's $gt was not fulfilled: /data/amount must be greater than 5, but it is 5.",
    });
  });

  it('matches disabled hooks too: whether to send is for the owner of the lane', () => {
    expect(match({ enabled: false }).matched).toBe(true);
  });

  it('parses the data only for a filter that reads it, and once an event', () => {
    let parses = 0;
    const counted = { event: event({ attributes: { a: '1' } }), projectNames: () => [''], parsedData: () => ++parses };
    prepareHook(hook({ filter: '{"attributes":{"a":"1"}}' })).match(counted);
    expect(parses).toBe(0);
    const once = matchableEvent(event({}), projectNamed);
    expect(once.parsedData()).toBe(once.parsedData());
  });

  it.each([[{ eventTypes: ['or der'] }], [{ filter: '{' }], [{ filter: '{"data":1,"x":2}' }]])('refuses %j', (part) => {
    expect.assertions(1);
    try {
      prepareHook(hook(part));
    } catch (error) {
      expect(isAppError(error, 'invalid-hook')).toBe(true);
    }
  });
});
