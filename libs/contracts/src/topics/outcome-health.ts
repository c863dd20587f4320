import { Verdict } from '../gen/hooklane/topics/v1/topics.js';
import { FieldReader } from './field-reader.js';

/** What a hook's health needs of a DeliveryOutcome; the fields of the same names. */
export interface OutcomeHealth {
  hookId: string;
  ownerEpoch: number;
  ownerSequence: number;
  enabledEpoch: number;
  trigger: string;
  atMs: number;
  attempt: AttemptHealth | undefined;
  streak: number;
  verdict: Verdict | undefined;
}

export interface AttemptHealth {
  outcomeClass: string;
  errorCode: string;
  errorSentence: string;
  status: number;
}

/** Of a DeliveryOutcome record, of which it skips the rest: the larger part by far. @throws Error for what is no such record */
export function decodeOutcomeHealth(record: Buffer): OutcomeHealth {
  const outcome: OutcomeHealth = { hookId: '', ownerEpoch: 0, ownerSequence: 0, enabledEpoch: 0, trigger: '', atMs: 0, attempt: undefined, streak: 0, verdict: undefined };
  const fields = new FieldReader(record);
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 2) outcome.hookId = fields.text();
    else if (field === 6) outcome.ownerEpoch = fields.number();
    else if (field === 7) outcome.ownerSequence = fields.number();
    else if (field === 8) outcome.enabledEpoch = fields.number();
    else if (field === 10) outcome.trigger = fields.text();
    else if (field === 12) outcome.atMs = fields.number();
    else if (field === 13) outcome.attempt = decodeAttempt(fields.bytes());
    else if (field === 16) outcome.streak = fields.number();
    else if (field === 18) outcome.verdict = Verdict.decode(fields.bytes());
    else fields.skip();
  }
  return outcome;
}

function decodeAttempt(message: Buffer): AttemptHealth {
  const attempt: AttemptHealth = { outcomeClass: '', errorCode: '', errorSentence: '', status: 0 };
  const fields = new FieldReader(message);
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 7) attempt.outcomeClass = fields.text();
    else if (field === 8) attempt.errorCode = fields.text();
    else if (field === 9) attempt.errorSentence = fields.text();
    else if (field === 10) attempt.status = fields.number();
    else fields.skip();
  }
  return attempt;
}
