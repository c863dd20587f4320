import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accountTime } from './account-time.js';
import { worksectionCatalogue } from './worksection-catalogue.js';
import { worksectionDialect } from './worksection-dialect.js';

const text = fc.string({ unit: 'binary' });
const id = fc.oneof(text, fc.integer());
const fields = fc.dictionary(text, fc.jsonValue({ stringUnit: 'binary' }));
const type = fc.constantFrom(...worksectionCatalogue.entries.map((entry) => entry.type));
const data = fc.record({ object: fc.record({ id, page: text }), user_from: fc.record({ id, email: text, name: text }), new: fields, old: fields }, { requiredKeys: ['object', 'user_from'] });

function rendered(eventType: string, json: string, atMs: number): string {
  const event = { tenantId: 'acme', eventId: 'evt_1', type: eventType, project: '', orderingKey: '', occurredAtMs: atMs, attributes: {}, contentType: 'application/json', data: Buffer.from(json), traceparent: '' };
  const hook = { hookId: 'hook_1', envelope: 'none', headers: [], eventTypes: [eventType], dialectOptions: '' };
  const made = worksectionDialect.prepare(hook, { signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [] }, '').render({ event, attemptNumber: 1, timestampMs: atMs });
  if (!made.ok) throw new Error(made.reason);
  return made.body.toString('utf8');
}

describe("Worksection's event", () => {
  it('reads back as what the publisher said, with action, type and date, whatever the texts hold', () => {
    fc.assert(
      fc.property(type, data, fc.integer({ min: 0, max: 4_102_444_800_000 }), (eventType, given, atMs) => {
        const said = JSON.parse(JSON.stringify(given)) as typeof given;
        const [action, objectType] = eventType.split('_') as [string, string];
        const hasChanges = action === 'post' || action === 'update';
        expect(JSON.parse(rendered(eventType, JSON.stringify(given), atMs))).toEqual([
          {
            action,
            object: { type: objectType, ...said.object },
            date_added: new Date(atMs).toISOString().slice(0, 16).replace('T', ' '),
            user_from: said.user_from,
            ...(hasChanges && said.new ? { new: said.new } : {}),
            ...(hasChanges && said.old ? { old: said.old } : {}),
          },
        ]);
      }),
    );
  });

  it('keeps the spelling of every number in what changed', () => {
    const number = fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(number, (spelling) => {
        expect(rendered('update_task', `{"object":{"id":1,"page":"/"},"user_from":{"id":1,"email":"","name":""},"new":{"cost":${spelling}}}`, 0)).toContain(`"new":{"cost":${spelling}}`);
      }),
    );
  });

  it("dates by the zone's clock: never a day away, always in its form", () => {
    const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    fc.assert(
      fc.property(zone, fc.integer({ min: 0, max: 4_102_444_800_000 }), (timeZone, atMs) => {
        const local = accountTime(atMs, timeZone) ?? '';
        expect(local).toMatch(/^\d{4}-\d{2}-\d{2} ([01]\d|2[0-3]):[0-5]\d$/);
        expect(Math.abs(Date.parse(`${local.replace(' ', 'T')}Z`) - atMs)).toBeLessThanOrEqual(15 * 3_600_000);
      }),
    );
  });
});
