import { describe, expect, it } from '@jest/globals';
import { NO_CATALOGUE, type CatalogueEntry, type EventCatalogue } from './catalogue.js';
import { sampleContextOf, sampleOfDialect } from './sample-event.js';

const entry = (type: string, aliases: string[] = []): CatalogueEntry => ({ type, aliases, title: type, group: 'order', sample: ({ by, project }) => `{"type":"${type}","by":"${by.userName}","project":"${project.key}"}` });
const catalogue: EventCatalogue = { ...NO_CATALOGUE, entries: [entry('order.paid', ['1']), entry('ship.sent', ['2']), entry('ship.lost')] };
const sampled = (type: string | undefined, eventTypes: string[], more: Partial<EventCatalogue> = {}) => sampleOfDialect({ ...catalogue, ...more }, { type, eventTypes }, sampleContextOf('user:1', 'P', 7))?.type;

describe('what a receiver is tried out with', () => {
  it('is the type that was asked for, under the name that was asked for', () => {
    expect(sampleOfDialect(catalogue, { type: '2', eventTypes: [] }, sampleContextOf('user:1', '', 7))).toEqual({ type: '2', data: '{"type":"ship.sent","by":"user:1","project":"SAMPLE"}' });
    expect(sampled('unknown', [])).toBeUndefined();
  });

  it('names the person who tries it, as far as that is known', () => {
    const by = (author?: object) => sampleContextOf('key:1', '', 7, author).by;
    expect(by()).toEqual({ id: 1, userName: 'key:1', fullName: 'key:1', email: 'sample@hooklane.example' });
    expect(by({ id: 9, fullName: 'Ana' })).toMatchObject({ id: 9, userName: 'Ana', fullName: 'Ana' });
    expect(by({ userName: 'ana', email: 'ana@x.example' })).toEqual({ id: 1, userName: 'ana', fullName: 'ana', email: 'ana@x.example' });
  });

  it('is else what the product\'s test button sends, or the first type of the hook', () => {
    expect(sampled(undefined, ['ship.sent'], { testEntry: entry('ping') })).toBe('ping');
    expect(sampled('ping', [], { testEntry: entry('ping') })).toBe('ping');
    expect(sampled(undefined, ['2'])).toBe('ship.sent');
    expect(sampled(undefined, ['none.*', 'ship.*'])).toBe('ship.sent');
    expect(sampled(undefined, ['*'])).toBe('order.paid');
    expect(sampled(undefined, ['*'], { entries: [] })).toBeUndefined();
  });
});
