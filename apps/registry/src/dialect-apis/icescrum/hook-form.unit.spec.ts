import { describe, expect, it } from '@jest/globals';
import { hookCreateOf, hookForm, hookPatchOf, type HookForm } from './hook-form.js';

const onProject = (hook: unknown, present: readonly string[] | null = null): HookForm => hookForm({ hook }, { level: 'project', present });
const fields = (form: HookForm): readonly string[] => (form.ok ? [] : form.faults.map(({ field }) => field));

describe('what a request says of an iceScrum hook', () => {
  it('takes url, events, enabled, ignoreSsl and secret, and passes over what a client may not set', () => {
    const hook = { url: ' https://a.example/x ', events: ['story.create'], enabled: false, ignoreSsl: true, secret: 's', source: 'webhook', id: 4, workspaceId: 9, countErrors: 3, class: 'Hook' };
    expect(onProject(hook)).toEqual({ ok: true, wish: { url: 'https://a.example/x', events: ['story.create'], enabled: false, ignoreSsl: true, secret: 's' } });
  });

  it('drops codes that iceScrum does not know, strips spaces, and takes each once', () => {
    expect(onProject({ url: 'u', events: [' story.create', 'story. update ', 'story.create', 'order.paid', '*', 'Story.delete', 'user.create'] })).toEqual({ ok: true, wish: { url: 'u', events: ['story.create', 'story.update'] } });
    expect(hookForm({ hook: { url: 'u', events: ['story.create', 'user.create'] } }, { level: 'server', present: null })).toEqual({ ok: true, wish: { url: 'u', events: ['user.create'] } });
  });

  it('takes one text of codes, and a form', () => {
    expect(onProject({ url: 'u', events: 'story.create, story.state' })).toMatchObject({ wish: { events: ['story.create', 'story.state'] } });
    const form = hookForm({ 'hook.url': 'u', 'hook.events': ['task.create', 'task.state'], 'hook.enabled': 'false', 'hook.ignoreSsl': 'on' }, { level: 'project', present: null });
    expect(form).toEqual({ ok: true, wish: { url: 'u', events: ['task.create', 'task.state'], enabled: false, ignoreSsl: true } });
  });

  it.each([
    ['nothing at all', undefined, ['url', 'events']],
    ['no object', 'text', ['url', 'events']],
    ['a list', [], ['url', 'events']],
    ['no url', { events: ['story.create'] }, ['url']],
    ['an empty url', { url: '  ', events: ['story.create'] }, ['url']],
    ['a url that is no text', { url: 7, events: ['story.create'] }, ['url']],
    ['a url of 1001 characters', { url: `https://a.example/${'x'.repeat(983)}`, events: ['story.create'] }, ['url']],
    ['no events', { url: 'u' }, ['events']],
    ['an empty list', { url: 'u', events: [] }, ['events']],
    ['no event that is known', { url: 'u', events: ['order.paid', '*'] }, ['events']],
    ['events that are no texts', { url: 'u', events: [1] }, ['events']],
    ['events that are an object', { url: 'u', events: { story: true } }, ['events']],
    ['switches that are no switches', { url: 'u', events: ['story.create'], enabled: 'yes', ignoreSsl: 1 }, ['enabled', 'ignoreSsl']],
    ['a secret that is no text', { url: 'u', events: ['story.create'], secret: 1 }, ['secret']],
    ['a secret of 256 characters', { url: 'u', events: ['story.create'], secret: 'x'.repeat(256) }, ['secret']],
  ])('names the fields of %s', (_, hook, faulty) => {
    expect(fields(onProject(hook))).toEqual(faulty);
  });

  it('has room for 1000 characters of url and 255 of a secret', () => {
    expect(fields(onProject({ url: `https://a.example/${'x'.repeat(982)}`, events: ['story.create'], secret: 'é'.repeat(255) }))).toEqual([]);
  });

  it('leaves alone, in an update, what is not there; and keeps codes of another level that the hook has', () => {
    expect(onProject({}, ['story.create'])).toEqual({ ok: true, wish: {} });
    expect(onProject(undefined, ['story.create'])).toEqual({ ok: true, wish: {} });
    expect(fields(onProject({ url: '', events: ['nonsense'] }, ['story.create']))).toEqual(['url', 'events']);
    expect(onProject({ events: ['user.create', 'project.create'], secret: '' }, ['user.create'])).toEqual({ ok: true, wish: { events: ['user.create'], secret: null } });
  });

  it('becomes a native hook of the dialect', () => {
    expect(hookCreateOf({ url: 'https://a.example:8443/x', events: ['story.create'], ignoreSsl: true, enabled: false, secret: 's' }, ['prj_1'])).toEqual({
      name: 'a.example:8443', url: 'https://a.example:8443/x', dialect: 'icescrum', eventTypes: ['story.create'], projects: ['prj_1'], tls: { verify: false }, enabled: false, secret: 's',
    });
    expect(hookCreateOf({ url: 'nonsense', events: ['user.create'], secret: null }, [])).toEqual({
      name: 'iceScrum', url: 'nonsense', dialect: 'icescrum', eventTypes: ['user.create'], projects: [], tls: { verify: true },
    });
  });

  it('becomes a merge patch that keeps the patterns of a hook whose codes come back as they were shown', () => {
    expect(hookPatchOf({ url: 'u', events: ['b', 'a'], enabled: true, ignoreSsl: false, secret: null }, ['a', 'b'])).toEqual({ url: 'u', enabled: true, tls: { verify: true }, secret: null });
    expect(hookPatchOf({ events: ['a'] }, ['a', 'b'])).toEqual({ eventTypes: ['a'] });
    expect(hookPatchOf({}, [])).toEqual({});
  });
});
