import { mergeDelivery } from '../read-model/delivery-row.js';
import type { AttemptRow, DeliveryRow, EventRow, UnmatchedRow } from '../read-model/rows.js';

/** A partition's stored position moves from `expected` to `next` with the rows, or the flush is not this process's to write. */
export interface PositionMove {
  readonly topic: string;
  readonly partition: number;
  readonly expected: number;
  readonly next: number;
  /** What else must be remembered as of `next`, as JSON. */
  readonly marks: string;
  /** Records below this offset have their numbers from an earlier writing, before a rebuild (ADR 0002). */
  readonly numbered: number;
}

/** What one partition gives to a flush. */
export interface Piece {
  readonly position: PositionMove;
  readonly events: EventRow[];
  readonly attempts: AttemptRow[];
  readonly deliveries: DeliveryRow[];
  readonly unmatched: UnmatchedRow[];
}

/** What one transaction writes. Frozen: it is tried again as it is until it is written. */
export interface FlushPlan {
  readonly pieces: readonly Piece[];
  readonly positions: readonly PositionMove[];
  readonly events: readonly EventRow[];
  readonly attempts: readonly AttemptRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly unmatched: readonly UnmatchedRow[];
}

/** Puts pieces together. A statement may touch a row once, so what the pieces have of one delivery becomes one row. */
export function assemble(pieces: readonly Piece[]): FlushPlan {
  const deliveries = new Map<string, DeliveryRow>();
  const unmatched = new Map<string, UnmatchedRow>();
  for (const piece of pieces) {
    for (const row of piece.deliveries) {
      const present = deliveries.get(row.id);
      deliveries.set(row.id, present ? mergeDelivery(present, row) : row);
    }
    for (const row of piece.unmatched) {
      const key = `${row.tenantId}\0${row.eventId}`;
      // The first one in the log counts, as it does from flush to flush.
      if (!unmatched.has(key)) unmatched.set(key, row);
    }
  }
  return {
    pieces,
    positions: pieces.map((piece) => piece.position),
    events: pieces.flatMap((piece) => piece.events),
    attempts: pieces.flatMap((piece) => piece.attempts),
    deliveries: [...deliveries.values()],
    unmatched: [...unmatched.values()],
  };
}

/** The plan without what these partitions gave: another instance has taken them. */
export function without(plan: FlushPlan, lost: readonly PositionMove[]): FlushPlan {
  return assemble(plan.pieces.filter((piece) => !lost.includes(piece.position)));
}

export function rowsOf(plan: FlushPlan): number {
  return plan.events.length + plan.attempts.length + plan.deliveries.length + plan.unmatched.length;
}
