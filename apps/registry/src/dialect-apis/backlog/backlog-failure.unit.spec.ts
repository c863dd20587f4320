import { describe, expect, it } from '@jest/globals';
import { backlogFailure } from './backlog-failure.js';

const answer = (status: number, details = {}) => backlogFailure.answer({ code: 'any', status, sentence: 'So it is.', details });

describe('errors in Backlog\'s shape', () => {
  it.each([
    [401, 401, 11],
    [403, 403, 5],
    [404, 404, 6],
    [405, 405, 7],
    [400, 400, 7],
    [409, 409, 7],
    [413, 413, 7],
    [422, 400, 7],
    [429, 429, 13],
    [500, 500, 1],
    [503, 503, 1],
  ])('%i is answered as %i with the code %i', (status, shown, code) => {
    expect(answer(status)).toEqual({ status: shown, body: { errors: [{ message: 'So it is.', code, moreInfo: '' }] } });
  });

  it('every problem is an error of its own, under Backlog\'s name of the field', () => {
    const errors = [
      { pointer: '/url', message: 'Is not an absolute URL.' },
      { pointer: '/eventTypes/0', message: 'No.' },
      { pointer: '/metadata/description', message: 'Too long.' },
      { pointer: '/name', message: 'Required.' },
      { pointer: '', message: 'Too large.' },
    ];
    expect(answer(422, { errors }).body).toEqual({
      errors: ['hookUrl: Is not an absolute URL.', 'activityTypeIds: No.', 'description: Too long.', 'name: Required.', 'Too large.'].map((message) => ({ message, code: 7, moreInfo: '' })),
    });
  });
});
