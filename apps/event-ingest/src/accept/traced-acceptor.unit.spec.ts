import { describe, expect, it } from '@jest/globals';
import { AppError } from '@hooklane/kernel';
import type { SpanStart, Traces } from '@hooklane/telemetry';
import type { Submission } from './event-acceptor.js';
import type { Acceptance } from './turn.js';
import { TracedAcceptor } from './traced-acceptor.js';

const OWN = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const SPAN = '00-4bf92f3577b34da6a3ce929d0e0e4736-00000000000000aa-01';

const submission = (traceparent: string): Submission => ({
  idempotencyKey: null,
  event: { id: null, type: 'a', project: '', orderingKey: '', occurredAtMs: null, attributes: {}, contentType: '', data: new Uint8Array(), parsedData: undefined, traceparent },
});

/** Spans of what has a traceparent; `ended` is what became of them. */
function traced(submit: (submissions: readonly Submission[]) => Promise<readonly Promise<Acceptance>[]>) {
  const begun: [string, string, SpanStart][] = [];
  const ended: unknown[][] = [];
  const traces: Traces = {
    begin(name, traceparent, start) {
      if (traceparent === '') return null;
      begun.push([name, traceparent, start]);
      return { traceparent: SPAN, end: (...how) => void ended.push(how) };
    },
  };
  return { begun, ended, acceptor: new TracedAcceptor({ catchUp: () => Promise.resolve(), submit: (_, submissions) => submit(submissions) }, traces) };
}

describe('TracedAcceptor', () => {
  it('puts each event of a trace under a span of its own, and leaves the others as they are', async () => {
    let seen: readonly Submission[] = [];
    const { acceptor, begun, ended } = traced((submissions) => {
      seen = submissions;
      return Promise.resolve([
        Promise.resolve({ ok: true, id: 'evt_1', acceptedAtMs: 1, repeated: true }),
        Promise.resolve({ ok: true, id: 'evt_2', acceptedAtMs: 1, repeated: false }),
        Promise.resolve({ ok: false, error: new AppError('quota-exceeded', 'too many') }),
      ]);
    });
    const untraced = submission('');
    await Promise.all(await acceptor.submit('acme', [submission(OWN), untraced, submission(OWN)]));
    expect(seen.map((one) => (one instanceof AppError ? one : one.event.traceparent))).toEqual([SPAN, '', SPAN]);
    expect(seen[1]).toBe(untraced);
    expect(begun[0]).toEqual(['publish', OWN, { kind: 'server', attributes: { 'hooklane.tenant.id': 'acme', 'hooklane.event.type': 'a' } }]);
    expect(ended).toEqual([[{ 'hooklane.event.id': 'evt_1', 'hooklane.event.repeated': true }], [{}, 'quota-exceeded']]);
  });

  it('ends its spans when the request as a whole is refused', async () => {
    const { acceptor, ended } = traced(() => Promise.reject(new AppError('not-found', 'no tenant')));
    await expect(acceptor.submit('acme', [submission(OWN), new AppError('invalid-request', 'no event')])).rejects.toThrow('no tenant');
    expect(ended).toEqual([[{}, 'not-found']]);
  });
});
