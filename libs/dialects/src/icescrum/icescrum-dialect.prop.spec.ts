import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Rendered } from '../dialect.js';
import { icescrumCodes } from './icescrum-codes.js';
import { icescrumDialect } from './icescrum-dialect.js';

const projectCodes = fc.constantFrom(...icescrumCodes.project);
const subscription = fc.uniqueArray(fc.oneof(projectCodes, fc.constantFrom('*', 'story.*', 'task.*')), { minLength: 1, maxLength: 8 });

function rendered(type: string, data: string, eventTypes: readonly string[], secret = ''): Rendered {
  const event = { tenantId: 't', eventId: 'e', type, project: '', orderingKey: '', occurredAtMs: 0, attributes: {}, contentType: 'application/json', data: Buffer.from(data), traceparent: '' };
  const signing = secret === '' ? [] : [{ value: secret, expiresAtMs: 0 }];
  return icescrumDialect.prepare({ hookId: 'h', envelope: 'none', headers: [], eventTypes, dialectOptions: '' }, { signing, basicAuthUser: '', basicAuthPassword: '', headers: [] }, '').render({ event, attemptNumber: 1, timestampMs: 0 });
}

function header(result: Rendered, name: string): string | undefined {
  return result.ok ? result.headers[result.headers.indexOf(name) + 1] : undefined;
}

const covers = (patterns: readonly string[], type: string): boolean => patterns.some((pattern) => pattern === '*' || pattern === type || pattern === `${type.split('.')[0]}.*`);

describe('any iceScrum request', () => {
  it('reads back as the item that was published, whatever it holds, and its signature fits its bytes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' })), fc.integer(), fc.string({ minLength: 1, unit: 'binary' }), fc.constantFrom(undefined, 2), (more, id, secret, indent) => {
        const text = JSON.stringify({ ...more, id }, null, indent);
        const result = rendered('story.update', text, ['*'], secret);
        if (!result.ok) throw new Error(result.reason);
        expect(JSON.stringify(JSON.parse(result.body.toString('utf8')))).toBe(JSON.stringify(JSON.parse(text)));
        expect(header(result, 'x-icescrum-signature')).toBe(createHmac('sha1', Buffer.from(secret, 'utf8')).update(result.body).digest('hex'));
      }),
    );
  });

  it('is told to a hook by a code that the hook asked for, and fan-out matches exactly what the hook may be told', () => {
    fc.assert(
      fc.property(subscription, projectCodes, (eventTypes, type) => {
        const matches = covers(icescrumDialect.catalogue.matched(eventTypes), type);
        const update = type.replace(/\.state$/, '.update');
        expect(matches).toBe(covers(eventTypes, type) || covers(eventTypes, update));
        if (!matches) return;
        expect(covers(eventTypes, header(rendered(type, '{"id":1}', eventTypes), 'x-icescrum-event')!)).toBe(true);
      }),
    );
  });

  it('is one for one event: whoever asked for X.state too hears X.state', () => {
    fc.assert(
      fc.property(subscription, projectCodes.filter((type) => type.endsWith('.state')), (eventTypes, type) => {
        fc.pre(covers(eventTypes, type));
        expect(header(rendered(type, '{"id":1}', eventTypes), 'x-icescrum-event')).toBe(type);
      }),
    );
  });
});
