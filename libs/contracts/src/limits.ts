/** Sizes that several processes must agree on. */
export const limits = {
  /** One event's data. Keeps a record with its headers under the 512 KiB of a producer's batch. */
  eventDataBytes: 256 * 1024,
  batchEvents: 1_000,
  batchBytes: 8 * 1024 * 1024,
  eventIdLength: 128,
  eventTypeLength: 256,
  orderingKeyLength: 256,
  attributes: 32,
  attributeKeyLength: 64,
  attributeValueLength: 1_024,
  jsonDepth: 64,
  /** Hooks in one record of deliveries.requested. */
  hooksPerRequest: 5_000,
  failureBodyBytes: 64 * 1024,
  successBodyBytes: 4 * 1024,
  /** What is kept of the body of a call from outside that was accepted … */
  inboundBodyBytes: 16 * 1024,
  /** … and of one that was refused, which anybody can make. */
  refusedBodyBytes: 4 * 1024,
  pageSize: 50,
  pageSizeMax: 1_000,
} as const;
