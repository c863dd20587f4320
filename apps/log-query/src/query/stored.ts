import type { DeliveryRow, AttemptRow } from '../read-model/rows.js';

/**
 * The place of a row in its list: time first, then where its record stands in the log, which is the same after every rebuild.
 * Unique, and never changed.
 */
export interface PlaceKey {
  readonly timeMs: number;
  /** Of the record; in the live log the number. */
  readonly offset: number;
  /** Of the record; 0 where there is but one. */
  readonly partition: number;
  /** One record requests deliveries to many hooks; empty elsewhere. */
  readonly hookId: string;
}

export interface StoredEvent {
  readonly key: PlaceKey;
  /** EventAccepted. */
  readonly record: Buffer;
}

export interface StoredInboundCall {
  readonly key: PlaceKey;
  /** InboundCalled. */
  readonly record: Buffer;
}

/** An event that no hook wanted; without type and project where the event itself was not read yet. */
export interface StoredUnmatched {
  readonly key: PlaceKey;
  readonly eventId: string;
  readonly type: string;
  readonly project: string;
}

export interface StoredDelivery extends DeliveryRow {
  readonly key: PlaceKey;
}

/** Without its record, which holds the bodies. */
export interface StoredAttempt extends Omit<AttemptRow, 'record'> {
  readonly key: PlaceKey;
}

export interface AttemptRecord {
  readonly attempt: StoredAttempt;
  /** DeliveryOutcome. */
  readonly record: Buffer;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Null: there is no more. */
  readonly next: PlaceKey | null;
}

/** Newest first. */
export interface PageWish {
  readonly limit: number;
  /** Rows behind this one. */
  readonly after: PlaceKey | null;
  readonly fromMs: number;
  readonly toMs: number | null;
}
