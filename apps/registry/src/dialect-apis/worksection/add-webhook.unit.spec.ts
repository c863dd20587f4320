import { describe, expect, it } from '@jest/globals';
import { addWebhook, parameterAt } from './add-webhook.js';
import type { Parameters } from './parameters.js';

const good = { url: 'https://r.example/in', events: 'post_task,close_task' };
const hookOf = (parameters: Parameters): unknown => {
  const asked = addWebhook(parameters);
  return asked.ok ? asked.hook : asked.answer;
};

describe('add_webhook', () => {
  it('needs an address and events, and nothing else (W21)', () => {
    expect(hookOf(good)).toEqual({ name: 'Worksection r.example', url: 'https://r.example/in', dialect: 'worksection', eventTypes: ['post_task', 'close_task'] });
  });

  it('takes comma lists with spaces and repeats, and the lists and numbers that the SDKs send in JSON', () => {
    expect(hookOf({ ...good, events: ' post_task , reopen_task,,post_task', projects: '333, 7' })).toMatchObject({ eventTypes: ['post_task', 'reopen_task'], projects: ['333', '7'] });
    expect(hookOf({ ...good, events: ['post_task', 'close_task'], projects: [333, '7,8'] })).toMatchObject({ eventTypes: ['post_task', 'close_task'], projects: ['333', '7', '8'] });
    expect(hookOf({ ...good, projects: 333 })).toMatchObject({ projects: ['333'] });
    expect(hookOf({ ...good, projects: '' })).not.toHaveProperty('projects');
  });

  it('takes user and password, each by itself too (W9)', () => {
    expect(hookOf({ ...good, http_user: 'ws', http_pass: ' p:w ' })).toMatchObject({ basicAuth: { user: 'ws', password: ' p:w ' } });
    expect(hookOf({ ...good, http_user: 'ws' })).toMatchObject({ basicAuth: { user: 'ws', password: '' } });
    expect(hookOf({ ...good, http_pass: 'pw' })).toMatchObject({ basicAuth: { user: '', password: 'pw' } });
    expect(hookOf({ ...good, http_user: '', http_pass: '' })).not.toHaveProperty('basicAuth');
  });

  const refusal = (statusCode: number, message: string, details: string) => ({ status: 200, body: { status: 'error', status_code: statusCode, message, message_details: details } });
  it.each([
    ['no address', { events: 'post_task' }, refusal(10, 'Field is required', 'url')],
    ['an empty address', { ...good, url: ' ' }, refusal(10, 'Field is required', 'url')],
    ['an address that is an object', { ...good, url: {} }, refusal(10, 'Field is required', 'url')],
    ['no events', { url: good.url }, refusal(10, 'Field is required', 'events')],
    ['events of commas', { ...good, events: ', ,' }, refusal(10, 'Field is required', 'events')],
    ['an unknown event', { ...good, events: 'post_task,post_wiki,delete_project' }, refusal(11, 'Field is invalid', 'events: post_wiki,delete_project')],
    ['a pattern', { ...good, events: '*' }, refusal(11, 'Field is invalid', 'events: *')],
    ['a long address', { ...good, url: `https://r.example/${'a'.repeat(2_048)}` }, refusal(11, 'Url should respond 200 HTTP_CODE and JSON {status:OK}', `https://r.example/${'a'.repeat(2_048)}`)],
    ['too many projects', { ...good, projects: Array.from({ length: 201 }, (_, index) => index) }, refusal(11, 'Field is invalid', 'projects')],
    ['a user with a colon', { ...good, http_user: 'a:b' }, refusal(11, 'Field is invalid', 'http_user')],
    ['a long password', { ...good, http_user: 'a', http_pass: 'p'.repeat(1_025) }, refusal(11, 'Field is invalid', 'http_pass')],
    ['a member of every object', { ...good, url: undefined, __proto__: { url: 'https://r.example' } }, refusal(10, 'Field is required', 'url')],
  ])('refuses %s', (_, parameters, answer) => {
    expect(hookOf(parameters as Parameters)).toEqual(answer);
  });

  it('names the parameter behind a pointer of the registry', () => {
    expect(['/url', '/eventTypes/0', '/projects/3', '/basicAuth', '/basicAuth/password', ''].map(parameterAt)).toEqual(['url', 'events', 'projects', 'http_user', 'http_pass', 'url']);
  });
});
