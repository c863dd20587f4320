import { describe, expect, it } from '@jest/globals';
import { taigaFailures } from './taiga-failure.js';

const shown = (code: string, status: number, details: Record<string, unknown> = {}) => taigaFailures.answer({ code, status, sentence: 'Why.', details });

describe("Taiga's errors", () => {
  it.each([
    ['malformed-json', 400, 400, 'Why.', 'taiga.base.api.exceptions.ParseError'],
    ['invalid-request', 400, 400, 'Why.', 'taiga.base.exceptions.BadRequest'],
    ['unauthenticated', 401, 401, 'Why.', 'taiga.base.exceptions.NotAuthenticated'],
    ['missing-scope', 403, 403, 'You do not have permission to perform this action.', 'taiga.base.exceptions.PermissionDenied'],
    ['not-found', 404, 404, 'Not found.', 'taiga.base.exceptions.NotFound'],
    ['method-not-allowed', 405, 405, 'Why.', 'taiga.base.api.exceptions.MethodNotAllowed'],
    ['too-many-logins', 429, 429, 'Why.', 'taiga.base.api.exceptions.Throttled'],
    ['internal', 500, 500, 'Why.', 'taiga.base.api.exceptions.APIException'],
    ['log-unavailable', 503, 503, 'Why.', 'taiga.base.api.exceptions.APIException'],
  ])('%s %i is a %i with a message and a type', (code, status, shownStatus, message, type) => {
    expect(shown(code, status)).toMatchObject({ status: shownStatus, body: { _error_message: message, _error_type: type } });
  });

  it('ask for a token in the header that HTTP has for it', () => {
    expect(shown('unauthenticated', 401).headers).toEqual({ 'www-authenticate': 'Bearer realm="api"' });
  });

  it('name the fields of the form, under their names there', () => {
    const errors = [{ pointer: '/url', message: 'Must not have a fragment.' }, { pointer: '/url', message: 'And so on.' }, { pointer: '/secret', message: 'Too long.' }, { pointer: '/projects/0', message: 'Gone.' }];
    expect(shown('invalid-hook', 422, { errors })).toEqual({ status: 400, body: { url: ['Must not have a fragment.', 'And so on.'], key: ['Too long.'], project: ['Gone.'] } });
  });

  it('are a sentence where no field of the form is at fault', () => {
    expect(shown('invalid-hook', 422, { errors: [{ pointer: '/filter', message: 'x' }] })).toMatchObject({ status: 400, body: { _error_message: 'Why.' } });
  });

  it('of an address that hooks may not reach are those of Taiga', () => {
    expect(shown('target-denied', 422, { errors: [{ pointer: '/url', message: '10.0.0.1 is …' }] })).toEqual({ status: 400, body: { url: ['Not allowed IP Address'] } });
  });
});
