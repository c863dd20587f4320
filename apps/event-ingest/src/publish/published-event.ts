/** An event as its publisher handed it in, well-formed, whichever way it came. Absent texts are empty. */
export interface PublishedEvent {
  /** The publisher's own id; null: we make one. */
  readonly id: string | null;
  readonly type: string;
  readonly project: string;
  readonly orderingKey: string;
  readonly occurredAtMs: number | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly contentType: string;
  /** The publisher's bytes, untouched. */
  readonly data: Uint8Array;
  /** The data's value where it is declared to be JSON, else undefined. */
  readonly parsedData: unknown;
  /** W3C trace context, or empty. */
  readonly traceparent: string;
}

/** One event to accept. */
export interface Publication {
  readonly event: PublishedEvent;
  /** Header `Idempotency-Key`, made unique for the event's place in a batch. */
  readonly idempotencyKey: string | null;
}
