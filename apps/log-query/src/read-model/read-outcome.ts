import { CatchUpOpened, FieldReader } from '@hooklane/contracts/topics';

/** What the read model needs of a DeliveryOutcome record; names and meaning as in topics.proto. */
export interface ReadOutcome {
  tenantId: string;
  hookId: string;
  eventId: string;
  deliveryId: string;
  requestOffset: number;
  ownerEpoch: number;
  ownerSequence: number;
  hookVersion: number;
  trigger: string;
  replayId: string;
  atMs: number;
  fate: string;
  fateReason: string;
  nextAttemptAtMs: number;
  eventType: string;
  project: string;
  eventAcceptedAtMs: number;
  attempt: ReadAttempt | null;
  catchUpOpened: CatchUpOpened | null;
}

export interface ReadAttempt {
  attemptId: string;
  number: number;
  totalUs: number;
  outcomeClass: string;
  errorCode: string;
  status: number;
}

export function readOutcome(record: Buffer): ReadOutcome {
  const fields = new FieldReader(record);
  const outcome = emptyOutcome();
  for (let field = fields.next(); field !== 0; field = fields.next()) readField(outcome, field, fields);
  if (outcome.tenantId === '') throw new Error('an outcome has a tenant');
  return outcome;
}

function readField(outcome: ReadOutcome, field: number, fields: FieldReader): void {
  switch (field) {
    case 1: outcome.tenantId = fields.text(); return;
    case 2: outcome.hookId = fields.text(); return;
    case 3: outcome.eventId = fields.text(); return;
    case 4: outcome.deliveryId = fields.text(); return;
    case 5: outcome.requestOffset = fields.number(); return;
    case 6: outcome.ownerEpoch = fields.number(); return;
    case 7: outcome.ownerSequence = fields.number(); return;
    case 9: outcome.hookVersion = fields.number(); return;
    case 10: outcome.trigger = fields.text(); return;
    case 11: outcome.replayId = fields.text(); return;
    case 12: outcome.atMs = fields.number(); return;
    case 13: outcome.attempt = readAttempt(fields.bytes()); return;
    case 14: outcome.fate = fields.text(); return;
    case 15: outcome.fateReason = fields.text(); return;
    case 17: outcome.nextAttemptAtMs = fields.number(); return;
    case 19: outcome.eventType = fields.text(); return;
    case 20: outcome.project = fields.text(); return;
    case 21: outcome.eventAcceptedAtMs = fields.number(); return;
    case 22: outcome.catchUpOpened = CatchUpOpened.decode(fields.bytes()); return;
    default: fields.skip();
  }
}

function readAttempt(message: Buffer): ReadAttempt {
  const fields = new FieldReader(message);
  const attempt: ReadAttempt = { attemptId: '', number: 0, totalUs: 0, outcomeClass: '', errorCode: '', status: 0 };
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    switch (field) {
      case 1: attempt.attemptId = fields.text(); break;
      case 2: attempt.number = fields.number(); break;
      case 6: attempt.totalUs = fields.number(); break;
      case 7: attempt.outcomeClass = fields.text(); break;
      case 8: attempt.errorCode = fields.text(); break;
      case 10: attempt.status = fields.number(); break;
      default: fields.skip();
    }
  }
  return attempt;
}

function emptyOutcome(): ReadOutcome {
  return {
    tenantId: '', hookId: '', eventId: '', deliveryId: '', requestOffset: 0, ownerEpoch: 0, ownerSequence: 0, hookVersion: 0, trigger: '', replayId: '', atMs: 0,
    fate: '', fateReason: '', nextAttemptAtMs: 0, eventType: '', project: '', eventAcceptedAtMs: 0, attempt: null, catchUpOpened: null,
  };
}
