import { describe, expect, it } from '@jest/globals';
import { icescrumCodes } from '@hooklane/dialects';
import type { HookHealth } from '../../ports.js';
import { changeProblem, deletionProblem, mayUseProject, type WorkspaceCaller } from './icescrum-access.js';
import { failureAnswer } from './icescrum-failure.js';
import { icescrumHook, type IcescrumHookFacts } from './icescrum-hook.js';
import { shownEvents } from './workspace-codes.js';

const health: HookHealth = { hookId: 'hook_1', failureCount: 2, isFailing: true, lastErrorAtMs: 9, lastErrorCode: 'status-500', lastErrorSentence: 'It failed.', lastErrorStatus: 500, lastSuccessAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 999), enabledEpoch: 2 };

function shown(hook: object, facts: Partial<IcescrumHookFacts> = {}) {
  const config = { eventTypes: ['story.create', 'story.state'], tls: { verify: true } };
  return icescrumHook({
    number: 3,
    hook: { config, enabled: true, enabledEpoch: 2, origin: 'icescrum', createdAtMs: 0, updatedAtMs: 1_999, ...hook } as unknown as IcescrumHookFacts['hook'],
    secrets: { url: 'https://a.example/x?token=t', signing: [] },
    workspaceId: 1,
    health: undefined,
    reasonOf: (status) => (status === 500 ? 'Internal Server Error' : ''),
    ...facts,
  });
}

describe('an iceScrum hook as its API shows it', () => {
  it('has every member of the product, in its order', () => {
    expect(JSON.stringify(shown({}))).toBe(
      '{"class":"Hook","id":3,"url":"https://a.example/x?token=t","secret":null,"source":"resthook","workspaceId":1,"workspaceType":"project","events":["story.create","story.state"],"eventMessageRendererClass":null,"enabled":true,"ignoreSsl":false,"countErrors":0,"lastError":null,"dateCreated":"1970-01-01T00:00:00Z","lastUpdated":"1970-01-01T00:00:01Z","dateLastRequest":null}',
    );
    expect(shown({ origin: 'console', config: { eventTypes: ['user.create'], tls: { verify: false } } }, { workspaceId: null, secrets: { url: 'u', signing: [{ value: 's3cr3t' }] } })).toMatchObject({ source: 'webhook', workspaceId: null, workspaceType: null, ignoreSsl: true, secret: 's3cr3t' });
  });

  it('tells the failures in a row, the last error in the words of the product, and the last success', () => {
    expect(shown({}, { health })).toMatchObject({ countErrors: 2, lastError: 'StatusCode: 500 - statusLine: HTTP/1.1 500 Internal Server Error - data: It failed.', dateLastRequest: '2026-01-02T03:04:05Z' });
    expect(shown({}, { health: { ...health, lastErrorStatus: 599 } }).lastError).toBe('StatusCode: 599 - statusLine: HTTP/1.1 599 - data: It failed.');
    expect(shown({}, { health: { ...health, lastErrorStatus: 0 } }).lastError).toBe('StatusCode: 0 - statusLine: null - data: It failed.');
    expect(shown({}, { health: { ...health, failureCount: 0, isFailing: false } })).toMatchObject({ countErrors: 0, lastError: null });
    expect(shown({ enabledEpoch: 3 }, { health })).toMatchObject({ countErrors: 0, lastError: null });
    expect(shown({ enabled: false, enabledEpoch: 3 }, { health })).toMatchObject({ countErrors: 2, enabled: false });
  });

  it('spells out the patterns of hooks that were made elsewhere', () => {
    expect(shownEvents(['*'], 'project')).toEqual(icescrumCodes.project);
    expect(shownEvents(['*'], 'server')).toEqual([...icescrumCodes.server, ...icescrumCodes.project]);
    expect(shownEvents(['actor.*', 'actor.create', 'story.state'], 'project')).toEqual(['actor.create', 'actor.update', 'actor.delete', 'story.state']);
  });
});

describe('who may use iceScrum hooks', () => {
  const member = (roles: Record<string, string>): WorkspaceCaller => ({ mayWrite: () => false, projectRole: (id) => roles[id] ?? null });
  const admin: WorkspaceCaller = { mayWrite: () => true, projectRole: () => 'admin' };

  it('is the Product Owner, the Scrum Master, and who administrates', () => {
    for (const role of ['product-owner', 'scrum-master', 'admin']) expect(mayUseProject(member({ p: role }), 'p')).toBe(true);
    for (const role of ['member', 'viewer']) expect(mayUseProject(member({ p: role }), 'p')).toBe(false);
    expect(mayUseProject(member({ other: 'product-owner' }), 'p')).toBe(false);
    expect(mayUseProject(admin, 'p')).toBe(true);
  });

  it('changes by hand only what was made by hand, and deletes either', () => {
    const owner = member({ p: 'product-owner' });
    expect(changeProblem(owner, { origin: 'console', projectIds: ['p'] }, true)).toBeNull();
    for (const origin of ['icescrum', 'api', 'import']) {
      expect(changeProblem(owner, { origin, projectIds: ['p'] }, true)).toMatch(/REST API or by an app/);
      expect(changeProblem(owner, { origin, projectIds: ['p'] }, false)).toBeNull();
      expect(deletionProblem(owner, { origin, projectIds: ['p'] })).toBeNull();
    }
  });

  it('needs every project of a hook of several', () => {
    const hook = { origin: 'api', projectIds: ['p', 'q'] };
    expect(changeProblem(member({ p: 'product-owner' }), hook, false)).toMatch(/other projects/);
    expect(deletionProblem(member({ p: 'product-owner' }), hook)).toMatch(/other projects/);
    expect(deletionProblem(member({ p: 'product-owner', q: 'scrum-master' }), hook)).toBeNull();
    expect(changeProblem(admin, hook, false)).toBeNull();
  });
});

describe('errors below /ws', () => {
  it('are one sentence, or one for each field by the names of iceScrum', () => {
    expect(failureAnswer({ status: 404, sentence: 'There is no such hook.', details: {} })).toEqual({ status: 404, body: { text: 'There is no such hook.' } });
    const errors = [{ pointer: '/url', message: 'Is not an absolute URL.' }, { pointer: '/eventTypes/0', message: 'No.' }, { pointer: '/tls/verify', message: 'No' }, { pointer: '', message: 'Too big.' }, { pointer: '/headers/X', message: 'No.' }];
    expect(failureAnswer({ status: 422, sentence: '…', details: { errors } })).toEqual({
      status: 400,
      body: [{ text: 'Is not an absolute URL - url' }, { text: 'No - events' }, { text: 'No - ignoreSsl' }, { text: 'Too big - hook' }, { text: 'No - headers' }],
    });
    expect(failureAnswer({ status: 409, sentence: 'Again.', details: {} }).status).toBe(400);
    expect(failureAnswer({ status: 503, sentence: 'Later.', details: { errors: [] } })).toEqual({ status: 503, body: { text: 'Later.' } });
  });
});
