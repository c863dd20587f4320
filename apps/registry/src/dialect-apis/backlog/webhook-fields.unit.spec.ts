import { describe, expect, it } from '@jest/globals';
import type { AppError } from '@hooklane/kernel';
import type { HookState } from '../../hook/hook-state.js';
import { changedHook, newHook } from './webhook-changes.js';
import { webhookFieldsOf } from './webhook-fields.js';

const PROJECT = ['prj_1', 'SHOP'];
const form = { name: 'chat', hookUrl: 'https://chat.example/in' };

function problems(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return ((error as AppError).details['errors'] as { pointer: string; message: string }[]).map(({ pointer, message }) => `${pointer} ${message}`);
  }
  throw new Error('Nothing was refused.');
}

describe('what a Backlog client says of a webhook', () => {
  it('comes as texts from a form', () => {
    expect(webhookFieldsOf({ ...form, description: 'to the chat', allEvent: 'false', activityTypeIds: ['3', '1', '3'] })).toEqual({ ...form, description: 'to the chat', allEvent: false, activityTypeIds: [3, 1] });
  });

  it('comes as it is from JSON, where null says nothing', () => {
    expect(webhookFieldsOf({ ...form, description: null, allEvent: true, activityTypeIds: [2] })).toEqual({ ...form, description: undefined, allEvent: true, activityTypeIds: [2] });
  });

  it('may be one number, or an empty list, which in a form is one empty text', () => {
    expect(webhookFieldsOf({ activityTypeIds: '3' }).activityTypeIds).toEqual([3]);
    expect(webhookFieldsOf({ activityTypeIds: [''] }).activityTypeIds).toEqual([]);
    expect(webhookFieldsOf({ allEvent: '' }).allEvent).toBeUndefined();
  });

  it('may hold fields that we do not know', () => {
    expect(webhookFieldsOf({ ...form, mailNotify: 'true' })).toMatchObject(form);
  });

  it.each([
    [{ name: ['a', 'b'] }, ['/name Must be one text.']],
    [{ hookUrl: 5, description: {} }, ['/description Must be one text.', '/hookUrl Must be one text.']],
    [{ allEvent: 'yes' }, ['/allEvent Must be true or false.']],
    ...[['0'], ['-1'], ['1.5'], ['one'], ['2147483648'], [true], [[1]], Array.from({ length: 201 }, (_, index) => index + 1)].map((activityTypeIds) => [
      { activityTypeIds },
      ['/activityTypeIds Must be at most 200 numbers of event types, from 1 on.'],
    ] as const),
  ])('is refused where a field is none: %j', (given, refused) => {
    expect(problems(() => webhookFieldsOf(given))).toEqual(refused);
  });
});

describe('the hook that becomes of it', () => {
  const made = (given: object) => newHook(webhookFieldsOf({ ...form, ...given }), PROJECT);

  it('speaks Backlog, for the events chosen, which unknown numbers may be', () => {
    expect(made({ activityTypeIds: ['1', '3', '99'], description: 'to the chat' })).toEqual({
      dialect: 'backlog',
      name: 'chat',
      url: 'https://chat.example/in',
      projects: PROJECT,
      eventTypes: ['issue.created', 'issue.commented', '99'],
      metadata: { description: 'to the chat' },
    });
  });

  it.each([
    [{ allEvent: 'true' }, ['*']],
    [{ allEvent: 'true', activityTypeIds: ['1'] }, ['*']],
    [{ activityTypeIds: ['4'] }, ['issue.deleted']],
    [{}, ['*']],
  ])('is for all events where they are asked for, or nothing is said of them: %j', (given, eventTypes) => {
    expect(made(given).eventTypes).toEqual(eventTypes);
  });

  it.each([
    [{ name: undefined, hookUrl: '' }, ['/name Required.', '/hookUrl Required.']],
    [{ allEvent: 'false' }, ['/activityTypeIds Choose an event, or set allEvent to true.']],
    [{ activityTypeIds: [] }, ['/activityTypeIds Choose an event, or set allEvent to true.']],
    [{ name: 'two\nlines' }, ['/name Must be one line of well-formed text.']],
    [{ description: 'x'.repeat(1_025) }, ['/metadata/description Too big: expected string to have <=1024 characters']],
  ])('is refused: %j', (given, refused) => {
    expect(problems(() => made(given))).toEqual(refused);
  });
});

describe('the change that becomes of it', () => {
  const hook = (eventTypes: readonly string[]) => ({ config: { eventTypes } }) as unknown as HookState;
  const change = (given: Readonly<Record<string, unknown>>, eventTypes = ['issue.created']) => changedHook(webhookFieldsOf(given), hook(eventTypes));

  it.each([
    [{}, {}],
    [{ name: 'new', hookUrl: 'https://b.example' }, { name: 'new', url: 'https://b.example' }],
    [{ description: 'd' }, { metadata: { description: 'd' } }],
    [{ description: '' }, { metadata: { description: null } }],
    [{ allEvent: 'true', activityTypeIds: ['2'] }, { eventTypes: ['*'] }],
    [{ activityTypeIds: ['2', '99'] }, { eventTypes: ['issue.updated', '99'] }],
    [{ allEvent: 'false', activityTypeIds: ['2'] }, { eventTypes: ['issue.updated'] }],
    // Says what is so already.
    [{ allEvent: 'false' }, {}],
  ])('names what is said, and nothing else: %j', (given, patch) => {
    expect(change(given)).toEqual(patch);
  });

  it('chosen events take the place of all', () => {
    expect(change({ activityTypeIds: ['2'] }, ['*'])).toEqual({ eventTypes: ['issue.updated'] });
  });

  it.each([
    [{ name: '', hookUrl: '' }, ['issue.created'], ['/name Required.', '/hookUrl Required.']],
    [{ allEvent: 'false' }, ['*'], ['/activityTypeIds Choose an event, or set allEvent to true.']],
    [{ activityTypeIds: [] }, ['issue.created'], ['/activityTypeIds Choose an event, or set allEvent to true.']],
  ])('is refused: %j of a hook for %j', (given, eventTypes, refused) => {
    expect(problems(() => change(given, eventTypes))).toEqual(refused);
  });
});
