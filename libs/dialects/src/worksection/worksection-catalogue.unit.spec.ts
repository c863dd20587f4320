import { describe, expect, it } from '@jest/globals';
import { catalogueEntry, type SampleContext } from '../catalogue.js';
import { worksectionCatalogue } from './worksection-catalogue.js';
import { worksectionDialect } from './worksection-dialect.js';

const context: SampleContext = {
  atMs: Date.UTC(2026, 0, 2, 10, 16),
  by: { id: 41, userName: 'ana', fullName: 'Ana Pérez', email: 'ana@x.example' },
  project: { id: 8601, key: 'PUMP', name: 'Pump' },
  baseUrl: 'https://hooklane.example',
};

const USER = '{"id":"41","email":"ana@x.example","name":"Ana Pérez"}';
const HEAD = (action: string, object: string): string => `[{"action":"${action}","object":${object},"date_added":"2026-01-02 10:16","user_from":${USER}`;
const TASK = '{"type":"task","id":"330090","page":"/project/8601/330090/"}';
const COMMENT = '{"type":"comment","id":"19086","page":"/project/8601/330090/#com19086"}';
const PROJECT = '{"type":"project","id":"8601","page":"/project/8601/"}';

/** What the URL check sends (dialects design 6.3). */
const samples: readonly (readonly [type: string, body: string])[] = [
  ['post_task', `${HEAD('post', TASK)},"new":{"title":"Sample task","user_to":${USER}}}]`],
  ['post_comment', `${HEAD('post', COMMENT)},"new":{"text":"Sample comment"}}]`],
  ['post_project', `${HEAD('post', PROJECT)},"new":{"title":"Pump","user_to":${USER}}}]`],
  ['update_task', `${HEAD('update', TASK)},"new":{"title":"Sample task","user_to":${USER}},"old":{"title":"Sample task, before","user_to":{"id":"2","email":"ANY","name":"Anyone"}}}]`],
  ['update_comment', `${HEAD('update', COMMENT)},"new":{"text":"Sample comment, edited"},"old":{"text":"Sample comment"}}]`],
  ['update_project', `${HEAD('update', PROJECT)},"new":{"title":"Pump","user_to":${USER}},"old":{"title":"Pump, before","user_to":{"id":"2","email":"ANY","name":"Anyone"}}}]`],
  ['delete_task', `${HEAD('delete', TASK)}}]`],
  ['delete_comment', `${HEAD('delete', COMMENT)}}]`],
  ['close_task', `${HEAD('close', TASK)}}]`],
  ['reopen_task', `${HEAD('reopen', TASK)}}]`],
];

describe("Worksection's catalogue", () => {
  it('has the nine codes of the product and reopen_task, which its own list shows (W22, W26)', () => {
    expect(worksectionCatalogue.entries.map(({ type }) => type)).toEqual(samples.map(([type]) => type));
    expect(worksectionCatalogue.unknownTypes).toBe('refuse');
  });

  it('names each as the form of the product does; there is no deleting of projects (W17)', () => {
    expect(worksectionCatalogue.entries.map(({ title }) => title)).toEqual([
      'Create a task', 'Create a comment', 'Create a project', 'Edit a task', 'Edit a comment', 'Edit a project', 'Delete a task', 'Delete a comment', 'Complete a task', 'Reopen a task',
    ]);
    expect(catalogueEntry(worksectionCatalogue, 'delete_project')).toBeUndefined();
  });

  it.each(samples)('has a sample of %s that can be sent', (type, body) => {
    const data = Buffer.from(catalogueEntry(worksectionCatalogue, type)!.sample(context));
    const event = { tenantId: 'acme', eventId: 'evt_1', type, project: '', orderingKey: '', occurredAtMs: context.atMs, attributes: {}, contentType: 'application/json', data, traceparent: '' };
    const hook = { hookId: 'hook_1', envelope: 'none', headers: [], eventTypes: [type], dialectOptions: '' };
    const rendered = worksectionDialect.prepare(hook, { signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [] }, '').render({ event, attemptNumber: 1, timestampMs: 0 });
    expect(rendered.ok ? rendered.body.toString() : rendered.reason).toBe(body);
  });
});
