import { describe, expect, it } from '@jest/globals';
import type { HookState } from '../../hook/hook-state.js';
import { webhookView, type BacklogUser } from './webhook-view.js';

const ana: BacklogUser = { id: 9, userId: 'ana', name: 'Ana', roleType: 1, lang: null, nulabAccount: null, mailAddress: 'ana@x.example', lastLoginTime: null };
const facts = { id: 3, hookUrl: 'https://chat.example/in?token=t', createdUser: ana, createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678), updatedUser: { ...ana, id: 10 }, updatedAtMs: Date.UTC(2026, 0, 3) };
const view = (eventTypes: readonly string[], metadata = {}) => webhookView({ config: { name: 'chat', eventTypes, metadata } } as unknown as HookState, facts);

describe('a webhook as Backlog shows it', () => {
  it('has these members in this order', () => {
    expect(JSON.stringify(view(['issue.commented', 'issue.created'], { description: 'to the chat' }))).toBe(
      '{"id":3,"name":"chat","description":"to the chat","hookUrl":"https://chat.example/in?token=t","allEvent":false,"activityTypeIds":[1,3],' +
        '"createdUser":{"id":9,"userId":"ana","name":"Ana","roleType":1,"lang":null,"nulabAccount":null,"mailAddress":"ana@x.example","lastLoginTime":null},"created":"2026-01-02T03:04:05Z",' +
        '"updatedUser":{"id":10,"userId":"ana","name":"Ana","roleType":1,"lang":null,"nulabAccount":null,"mailAddress":"ana@x.example","lastLoginTime":null},"updated":"2026-01-03T00:00:00Z"}',
    );
  });

  it.each([
    [['*'], true, []],
    [['*', '3'], true, []],
    [['99', '3', 'issue.commented'], false, [3, 99]],
    [['wiki.*', '1'], false, [1, 5, 6, 7]],
    // What only the native API lets one subscribe to.
    [['shop.order', 'shop.*'], false, []],
  ])('%j is allEvent %s and the numbers %j', (eventTypes, allEvent, activityTypeIds) => {
    expect(view(eventTypes)).toMatchObject({ allEvent, activityTypeIds, description: '' });
  });
});
