import { describe, expect, it } from '@jest/globals';
import { hookImporters } from './importers.js';

const hooks = (dialect: keyof typeof hookImporters, list: unknown): unknown => hookImporters[dialect](list)?.map((entry) => (entry.ok ? entry.hook : entry.reason)) ?? null;

describe('hooks out of a product\'s own list', () => {
  it('taiga: name, address, key and project', () => {
    const list = [{ id: 3, project: 12, name: 'ci', url: 'https://ci.example/in', key: 's3cr3t', logs_counter: 7 }];
    expect(hooks('taiga', list)).toEqual([{ name: 'ci', url: 'https://ci.example/in', secret: 's3cr3t', projects: ['12'] }]);
    expect(hooks('taiga', [{ name: 'x', url: 'https://ci.example/in' }])).toEqual(['Has no key, which Taiga signs with.']);
  });

  it('backlog: all events, or those of the numbers', () => {
    const hook = { id: 1, name: 'n', description: 'd', hookUrl: 'https://b.example/in', allEvent: false, activityTypeIds: [1, 17], createdUser: {}, created: '2026-01-02T03:04:05Z' };
    expect(hooks('backlog', [hook, { ...hook, description: '', allEvent: true, activityTypeIds: [] }, { ...hook, activityTypeIds: [] }])).toEqual([
      { name: 'n', url: 'https://b.example/in', eventTypes: ['1', '17'], metadata: { description: 'd' } },
      { name: 'n', url: 'https://b.example/in', eventTypes: ['*'] },
      'Wants no event: allEvent is not true, and activityTypeIds is empty.',
    ]);
  });

  it('icescrum: codes, secret, TLS and the switch', () => {
    const hook = { class: 'Hook', id: 5, url: 'https://i.example/in', secret: 'k', source: 'webhook', workspaceId: 2, workspaceType: 'project', events: ['story.create', ' story.update'], enabled: false, ignoreSsl: true, countErrors: 1 };
    expect(hooks('icescrum', [hook, { ...hook, secret: null, workspaceId: null, workspaceType: null, enabled: true, ignoreSsl: false }])).toEqual([
      { name: 'iceScrum 5', url: 'https://i.example/in', eventTypes: ['story.create', 'story.update'], verifiesTls: false, enabled: false, secret: 'k', projects: ['2'] },
      { name: 'iceScrum 5', url: 'https://i.example/in', eventTypes: ['story.create', 'story.update'], verifiesTls: true, enabled: true },
    ]);
  });

  it('worksection: the answer of get_webhooks, csv and all (W25, W26)', () => {
    const answer = { status: 'ok', data: [{ id: '14', url: 'https://w.example/in', events: 'post_task,reopen_task', status: 'active', projects: '1,2' }, { id: '15', url: 'https://w.example/in', events: 'post_task', status: 'paused' }] };
    const expected = [
      { name: 'Worksection 14', url: 'https://w.example/in', eventTypes: ['post_task', 'reopen_task'], enabled: true, projects: ['1', '2'] },
      { name: 'Worksection 15', url: 'https://w.example/in', eventTypes: ['post_task'], enabled: false },
    ];
    expect([hooks('worksection', answer), hooks('worksection', answer.data)]).toEqual([expected, expected]);
  });

  it.each(['taiga', 'backlog', 'icescrum', 'worksection'] as const)('%s: says what is no list, and which entry is no hook', (dialect) => {
    for (const wrong of [null, 'x', 7, {}, { data: 1 }]) expect(hooks(dialect, wrong)).toBeNull();
    expect(hooks(dialect, [7, null, []])).toEqual(Array(3).fill('Is no object.'));
    expect(hooks(dialect, [{}])).toEqual([expect.stringMatching(/^Has no (url|hookUrl)\.$/)]);
  });
});
