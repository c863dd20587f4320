/** The rows of the read model as they are written: times in milliseconds since the epoch, codes as in `codes.ts`. */

export interface EventRow {
  /** Where its record stands in events.accepted: events of one millisecond are listed in this order. */
  readonly logPartition: number;
  readonly logOffset: number;
  readonly tenantId: string;
  readonly acceptedAtMs: number;
  readonly eventId: string;
  readonly type: string;
  readonly project: string;
  /** The bytes of the EventAccepted record as the log holds them: nothing is encoded again, nothing is lost. */
  readonly record: Buffer;
}

export interface UnmatchedRow {
  readonly tenantId: string;
  readonly eventId: string;
  readonly acceptedAtMs: number;
  readonly decidedAtMs: number;
}

/** One outcome: an attempt, or a decision not to send. */
export interface AttemptRow {
  readonly tenantId: string;
  readonly atMs: number;
  readonly hookId: string;
  readonly eventId: string;
  readonly type: string;
  readonly project: string;
  /** Of its record in delivery.outcomes, whose partition is that of the request it answers: attempts of one millisecond are listed in the order of the log. */
  readonly logOffset: number;
  readonly requestPartition: number;
  /** -1 for what belongs to no delivery (tests and probes). */
  readonly requestOffset: number;
  /** Empty for a decision. */
  readonly attemptId: string;
  readonly number: number;
  readonly trigger: number;
  readonly outcomeClass: number;
  readonly status: number;
  readonly errorCode: string;
  readonly totalUs: number;
  /** -1: says nothing of a delivery's fate. */
  readonly fate: number;
  /** The bytes of the DeliveryOutcome record as the log holds them. */
  readonly record: Buffer;
}

/** A delivery as far as one flush knows it. What only the request or only the outcome says is empty or 0 until the other was read. */
export interface DeliveryRow {
  /** The public id (`deliveryIdOf`), made once: a flush asks for it at every step. */
  readonly id: string;
  readonly tenantId: string;
  /** Of the event; names the day the row is kept under. */
  readonly acceptedAtMs: number;
  readonly requestPartition: number;
  readonly requestOffset: number;
  readonly hookId: string;
  readonly hookVersion: number;
  readonly eventId: string;
  readonly type: string;
  readonly project: string;
  readonly trigger: number;
  readonly replayId: string;
  /** 0: the request was not read yet. */
  readonly requestedAtMs: number;
  readonly fate: number;
  readonly fateReason: string;
  readonly attempts: number;
  readonly status: number;
  readonly errorCode: string;
  /** Of the newest outcome; 0: none yet. */
  readonly outcomeAtMs: number;
  readonly nextAttemptAtMs: number;
  /** Of the newest outcome: (-1, -1) before the first. A higher pair replaces a lower one. */
  readonly ownerEpoch: number;
  readonly ownerSequence: number;
}
