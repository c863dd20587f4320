import { describe, expect, it } from '@jest/globals';
import { AppError } from '@hooklane/kernel';
import { failureShapes, shownFailure, type FailureShape } from './failure-shape.js';

const shape: FailureShape = { prefixes: ['/api/v2', '/ws'], answer: ({ code, status, sentence }) => ({ status: status === 500 ? 200 : status, body: { errors: [{ message: sentence, code }] } }) };
const inner: FailureShape = { prefixes: ['/api/v2/inner'], answer: () => ({ status: 400, headers: { 'content-type': 'text/plain' }, body: 'no' }) };
const shapes = failureShapes([shape, inner]);

describe('the shape of failures', () => {
  it.each(['/api/v2', '/api/v2/', '/api/v2?x=1', '/api/v2/projects/1?apiKey=k', '/ws/hook'])('holds at %s', (url) => {
    expect(shapes(url)).toBe(shape);
  });

  it.each(['/api/v2x', '/api', '/v1/ws', '/', ''])('does not hold at %j', (url) => {
    expect(shapes(url)).toBeNull();
  });

  it('of the longest path counts', () => {
    expect(shapes('/api/v2/inner/x')).toBe(inner);
    expect(shownFailure(shapes, '/api/v2/inner', new AppError('not-found', 'x'))).toEqual({ status: 400, headers: { 'content-type': 'text/plain' }, body: 'no' });
  });

  it('never tells what is not public, and keeps what HTTP asks for', () => {
    expect(shownFailure(shapes, '/ws', new AppError('not-public', 'hunter2')).body).not.toContain('hunter2');
    const busy = shownFailure(shapes, '/ws', new AppError('log-unavailable', 'kafka-7', { publicMessage: 'Away.', retryAfterMs: 2_500 }));
    expect(busy).toEqual({ status: 503, headers: { 'content-type': 'application/json; charset=utf-8', 'retry-after': '3' }, body: '{"errors":[{"message":"Away.","code":"log-unavailable"}]}' });
  });

  it('is a problem document everywhere else', () => {
    expect(shownFailure(shapes, '/v1/x', new AppError('not-found', 'There is no such thing.')).headers['content-type']).toContain('application/problem+json');
  });
});
