/**
 * What to do after a failed request:
 * - `record`: the broker will never take this batch: split it, and reject what is left alone.
 * - `producer`: it does not know this producer's sequence any more: the same batch from a new one.
 * - `retry`: everything else, for as long as it takes. A missing permission or topic is put right by a person, not by losing the batch.
 */
export type FailureKind = 'record' | 'producer' | 'retry';

const RECORD = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP', 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'POLICY_VIOLATION']);
const PRODUCER = new Set(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'DUPLICATE_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH', 'INVALID_PRODUCER_ID_MAPPING', 'PRODUCER_FENCED']);

export function failureKind(error: unknown): FailureKind {
  const type = brokerErrorType(error);
  if (type !== null && RECORD.has(type)) return 'record';
  return type !== null && PRODUCER.has(type) ? 'producer' : 'retry';
}

/** The protocol's name of the error, such as NOT_LEADER_FOR_PARTITION, wherever kafkajs wrapped it; null when no broker said it. */
export function brokerErrorType(error: unknown): string | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    const type: unknown = (cause as { type?: unknown }).type;
    if (typeof type === 'string') return type;
  }
  return null;
}

/** One short sentence for /readyz and logs. */
export function errorSentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const type = brokerErrorType(error);
  return type === null || error.message.includes(type) ? error.message : `${type}: ${error.message}`;
}
