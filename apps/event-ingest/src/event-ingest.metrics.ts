import { errorCodes } from '@hooklane/contracts';
import type { Metrics } from '@hooklane/telemetry';
import type { Acceptance } from './accept/turn.js';

export interface IngestMetrics {
  /** @param seconds from the request to its answer */
  answered(acceptances: readonly Acceptance[], seconds: number): void;
  /** A request that waited before it was let in, or was refused. */
  waitedForAdmission(seconds: number): void;
  /** A request that was refused as a whole. */
  refused(code: string): void;
  /** A call from outside, by what became of it. */
  called(outcome: string): void;
  /** A call that is not in the inbound log because that could not be written. */
  callNotLogged(): void;
}

export function ingestMetrics(metrics: Metrics): IngestMetrics {
  const results = metrics.counter('ingest_total', 'Events handed in, by what became of them: accepted, repeated, or the code of the refusal', ['result']);
  const ofCode = new Map(['accepted', 'repeated', ...Object.keys(errorCodes)].map((result) => [result, results.labels(result)]));
  const count = (result: string, by: number): void => (ofCode.get(result) ?? ofCode.get('internal'))?.inc(by);
  const acks = metrics.histogram('ingest_ack_seconds', 'From an accepted request to its answer').labels();
  const admission = metrics.histogram('ingest_admission_wait_seconds', 'How long requests waited that could not be let in at once').labels();
  const unavailable = metrics.counter('ingest_unavailable_total', 'Events answered with 503').labels();
  const calls = metrics.counter('inbound_calls_total', 'Calls from outside, by what became of them: accepted, repeated, refused, failed', ['outcome']);
  const notLogged = metrics.counter('inbound_calls_not_logged_total', 'Calls from outside that the inbound log does not have because it could not be written').labels();
  return {
    called: (outcome) => calls.labels(outcome).inc(1),
    callNotLogged: () => notLogged.inc(1),
    waitedForAdmission: (seconds) => admission.observe(seconds),
    answered(acceptances, seconds) {
      for (const acceptance of acceptances) {
        if (acceptance.ok) count(acceptance.repeated ? 'repeated' : 'accepted', 1);
        else this.refused(acceptance.error.code);
      }
      if (acceptances.some((acceptance) => acceptance.ok)) acks.observe(seconds);
    },
    refused(code) {
      count(code, 1);
      if (Object.hasOwn(errorCodes, code) && errorCodes[code as keyof typeof errorCodes].status === 503) unavailable.inc(1);
    },
  };
}
