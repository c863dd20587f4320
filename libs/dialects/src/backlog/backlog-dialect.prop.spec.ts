import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dialectOf } from '../dialects.js';
import { activityNumberOf, activityTypes, eventTypeOfActivity } from './activity-types.js';

const renderer = dialectOf('backlog').prepare({ hookId: 'h', envelope: 'none', headers: [], eventTypes: ['*'], dialectOptions: '' }, { signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [] }, '');

function body(type: string, data: string, occurredAtMs: number): string {
  const event = { tenantId: 't', eventId: 'e', type, project: '', orderingKey: '', occurredAtMs, attributes: {}, contentType: '', data: Buffer.from(data), traceparent: '' };
  const made = renderer.render({ event, attemptNumber: 1, timestampMs: 0 });
  if (!made.ok) throw new Error(made.reason);
  return made.body.toString('utf8');
}

const object = fc.dictionary(fc.string({ unit: 'binary' }).filter((name) => name !== '__proto__'), fc.jsonValue({ stringUnit: 'binary' }));
const activity = fc.record({
  id: fc.integer(),
  project: fc.tuple(object, fc.nat(), fc.string({ unit: 'binary' })).map(([rest, id, projectKey]) => ({ ...rest, id, projectKey })),
  content: object,
  notifications: fc.array(fc.jsonValue()),
  createdUser: fc.tuple(object, fc.nat(), fc.string({ unit: 'binary' })).map(([rest, id, name]) => ({ ...rest, id, name })),
});
const moment = fc.integer({ min: 0, max: Date.UTC(9999, 0) });

describe('Backlog bodies', () => {
  it('parse back to what was published, in the envelope\'s order and without a space between', () => {
    fc.assert(
      fc.property(activity, fc.integer({ min: 1, max: 2 ** 31 - 1 }), moment, fc.constantFrom(undefined, 2), (data, number, atMs, indent) => {
        const text = body(String(number), JSON.stringify(data, null, indent), atMs);
        const { id, project, content, notifications, createdUser } = data;
        const created = `${new Date(atMs).toISOString().slice(0, 19)}Z`;
        expect(text).toBe(JSON.stringify({ created, project, id, type: number, content, notifications, createdUser }));
      }),
    );
  });

  it('keep the spelling of any number', () => {
    const spelling = fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(spelling, (number) => {
        expect(body('1', `{"id":1,"project":{"id":1,"projectKey":""},"content":{"n": ${number} },"createdUser":{"id":1,"name":""}}`, 0)).toContain(`"content":{"n":${number}},`);
      }),
    );
  });
});

describe('numbers and names', () => {
  it('every number has one event type, and that type has this number', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (number) => activityNumberOf(eventTypeOfActivity(number)) === number));
    expect(activityTypes.map(({ type }) => activityNumberOf(type))).toEqual(activityTypes.map(({ number }) => number));
  });
});
