import { describe, expect, it } from '@jest/globals';
import { listedWebhook } from './listed-webhook.js';

const hook = { number: 14, url: 'https://r.example/in', eventTypes: ['post_task', 'delete_task', 'reopen_task'], projects: ['333'], enabled: true };

describe('a webhook in the list', () => {
  it('is that of the seed: the id as text, lists with commas (W25)', () => {
    expect(JSON.stringify(listedWebhook(hook))).toBe('{"id":"14","url":"https://r.example/in","events":"post_task,delete_task,reopen_task","status":"active","projects":"333"}');
  });

  it('has no projects where it has all, and is paused while it is disabled', () => {
    expect(listedWebhook({ ...hook, projects: [], enabled: false })).toEqual({ id: '14', url: 'https://r.example/in', events: 'post_task,delete_task,reopen_task', status: 'paused' });
  });

  it('shows the codes that a pattern stands for', () => {
    expect(listedWebhook({ ...hook, eventTypes: ['close_task', '*'] }).events).toBe('close_task,post_task,post_comment,post_project,update_task,update_comment,update_project,delete_task,delete_comment,reopen_task');
  });
});
