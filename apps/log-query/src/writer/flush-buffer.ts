import { Topics } from '@hooklane/contracts/topics';
import { RequestFold, type FoldableRequest, type SourceMark } from '@hooklane/routing';
import { mergeDelivery } from '../read-model/delivery-row.js';
import { IncarnationFilter, type IncarnationMarks } from '../read-model/incarnation-marks.js';
import type { AttemptRow, DeliveryRow, EventRow, UnmatchedRow } from '../read-model/rows.js';
import { assemble, type FlushPlan, type Piece } from './flush-plan.js';
import { PartitionQueue, type Entry } from './partition-queue.js';
import type { StoredPosition } from '../ports.js';

export interface EventEntry extends Entry {
  readonly incarnation: string;
  readonly sequence: number;
  readonly row: EventRow;
}

export interface RequestEntry extends Entry {
  /** Null for a lane command, which is nothing to show. */
  readonly request: FoldableRequest | null;
  readonly deliveries: readonly DeliveryRow[];
}

export interface OutcomeEntry extends Entry {
  readonly attempt: AttemptRow | null;
  readonly delivery: DeliveryRow | null;
  readonly unmatched: UnmatchedRow | null;
}

export interface FlushBufferSettings {
  /** A flush takes at most about so many rows … */
  readonly rowsPerFlush: number;
  /** … and so many bytes. */
  readonly bytesPerFlush: number;
  /**
   * How long a request waits for its outcome, so that its row is written once, with its fate. A healthy receiver answers within milliseconds;
   * what is slower is shown as pending after this time.
   */
  readonly requestHoldMs: number;
}

interface Held {
  readonly row: DeliveryRow;
  /** An outcome has brought the row into an earlier plan. */
  isWritten: boolean;
}

/** What was read of the three topics and not yet written; makes the plans of the flushes. Pure: the time is an argument. */
export class FlushBuffer {
  private readonly events = new Map<number, { queue: PartitionQueue<EventEntry>; filter: IncarnationFilter }>();
  private readonly requests = new Map<number, { queue: PartitionQueue<RequestEntry>; fold: RequestFold }>();
  private readonly outcomes = new Map<number, PartitionQueue<OutcomeEntry>>();
  /** Requests that wait, by delivery id. */
  private readonly held = new Map<string, Held>();
  /** Every queue, for `size`, which each batch of each topic asks for: a walk through 24 of them by a generator was 1.5 % of the process. */
  private queues: readonly PartitionQueue<Entry>[] = [];

  constructor(private readonly settings: FlushBufferSettings) {}

  /** Forgets what it has of the partition and goes on at the stored position. */
  assign(topic: string, partition: number, { nextOffset: position, marks, numbered }: StoredPosition): void {
    this.revoke(topic, partition);
    if (topic === Topics.eventsAccepted) {
      this.events.set(partition, { queue: new PartitionQueue(topic, partition, position, numbered), filter: new IncarnationFilter(JSON.parse(marks) as IncarnationMarks) });
    } else if (topic === Topics.deliveriesRequested) {
      this.requests.set(partition, { queue: new PartitionQueue(topic, partition, position, numbered), fold: new RequestFold(new Map(JSON.parse(marks) as [string, SourceMark][])) });
    } else {
      this.outcomes.set(partition, new PartitionQueue(topic, partition, position, numbered));
    }
    this.queues = this.allQueues();
  }

  revoke(topic: string, partition: number): void {
    if (topic === Topics.eventsAccepted) this.events.delete(partition);
    else if (topic === Topics.deliveryOutcomes) this.outcomes.delete(partition);
    else {
      for (const entry of this.requests.get(partition)?.queue.waiting() ?? []) this.letGo(entry);
      this.requests.delete(partition);
    }
    this.queues = this.allQueues();
  }

  addEvent(partition: number, entry: EventEntry): void {
    this.events.get(partition)?.queue.add(entry);
  }

  addRequest(partition: number, entry: RequestEntry): void {
    if (!this.requests.get(partition)?.queue.add(entry)) return;
    for (const row of entry.deliveries) this.held.set(row.id, { row, isWritten: false });
  }

  addOutcome(partition: number, entry: OutcomeEntry): void {
    this.outcomes.get(partition)?.add(entry);
  }

  /** Rows and bytes that wait, for back-pressure. */
  size(): { readonly rows: number; readonly bytes: number } {
    let rows = 0;
    let bytes = 0;
    for (const queue of this.queues) {
      rows += queue.rows;
      bytes += queue.bytes;
    }
    return { rows, bytes };
  }

  /** When the log took the oldest record that waits, or null when none waits. */
  oldestLoggedMs(): number | null {
    let oldest: number | null = null;
    for (const queue of this.queues) {
      const logged = queue.peek()?.loggedMs;
      if (logged !== undefined && (oldest === null || logged < oldest)) oldest = logged;
    }
    return oldest;
  }

  /** @param everything also requests that could still wait for their outcome */
  take(nowMs: number, everything = false): FlushPlan {
    const plan = new Draft(this.settings, this.size());
    for (const { queue, filter } of this.events.values()) this.takeEvents(plan, queue, filter);
    for (const queue of this.outcomes.values()) this.takeOutcomes(plan, queue);
    const heldSinceMs = everything ? Number.POSITIVE_INFINITY : nowMs - this.settings.requestHoldMs;
    for (const { queue, fold } of this.requests.values()) this.takeRequests(plan, queue, fold, heldSinceMs);
    return plan.finish();
  }

  private takeEvents(plan: Draft, queue: PartitionQueue<EventEntry>, filter: IncarnationFilter): void {
    plan.takeFrom(
      queue,
      () => true,
      (entry, piece) => {
        if (filter.accept(entry.incarnation, entry.sequence)) piece.events.push(entry.row);
      },
      () => JSON.stringify(filter.snapshot()),
    );
  }

  private takeOutcomes(plan: Draft, queue: PartitionQueue<OutcomeEntry>): void {
    plan.takeFrom(
      queue,
      () => true,
      (entry, piece) => {
        if (entry.attempt) piece.attempts.push(entry.attempt);
        if (entry.unmatched) piece.unmatched.push(entry.unmatched);
        if (!entry.delivery) return;
        const held = this.held.get(entry.delivery.id);
        if (held) held.isWritten = true;
        piece.deliveries.push(held ? mergeDelivery(held.row, entry.delivery) : entry.delivery);
      },
      () => '',
    );
  }

  private takeRequests(plan: Draft, queue: PartitionQueue<RequestEntry>, fold: RequestFold, heldSinceMs: number): void {
    plan.takeFrom(
      queue,
      (entry) => entry.arrivedMs <= heldSinceMs || entry.deliveries.every((row) => this.held.get(row.id)?.isWritten),
      (entry, piece) => {
        if (!entry.request) return;
        const fresh = new Set(fold.accept(entry.request).map((hook) => hook.hookId));
        for (const row of entry.deliveries) {
          if (fresh.has(row.hookId) && !this.held.get(row.id)?.isWritten) piece.deliveries.push(row);
        }
        this.letGo(entry);
      },
      () => JSON.stringify([...fold.snapshot()]),
    );
  }

  private letGo(entry: RequestEntry): void {
    for (const row of entry.deliveries) this.held.delete(row.id);
  }

  private allQueues(): readonly PartitionQueue<Entry>[] {
    const ofOthers = [...this.events.values(), ...this.requests.values()].map(({ queue }) => queue);
    return [...ofOthers, ...this.outcomes.values()];
  }
}

const LEAST_ROWS_A_QUEUE = 32;
const LEAST_BYTES_A_QUEUE = 64 * 1024;

class Draft {
  private readonly pieces: Piece[] = [];
  private readonly share: { readonly rows: number; readonly bytes: number };

  /** Each queue gives in proportion to what waits in it, so that a backlog of one topic does not hold up the others. */
  constructor(settings: FlushBufferSettings, waiting: { readonly rows: number; readonly bytes: number }) {
    this.share = { rows: Math.min(1, settings.rowsPerFlush / waiting.rows), bytes: Math.min(1, settings.bytesPerFlush / waiting.bytes) };
  }

  takeFrom<E extends Entry>(queue: PartitionQueue<E>, isDue: (entry: E) => boolean, take: (entry: E, piece: Omit<Piece, 'position'>) => void, marks: () => string): void {
    const piece = { events: [], attempts: [], deliveries: [], unmatched: [] };
    let rows = Math.max(LEAST_ROWS_A_QUEUE, queue.rows * this.share.rows);
    let bytes = Math.max(LEAST_BYTES_A_QUEUE, queue.bytes * this.share.bytes);
    let last: E | undefined;
    for (let entry = queue.peek(); entry && rows > 0 && bytes > 0 && isDue(entry); entry = queue.peek()) {
      queue.shift();
      take(entry, piece);
      rows -= entry.rows;
      bytes -= entry.bytes;
      last = entry;
    }
    if (last) this.pieces.push({ ...piece, position: queue.move(last.offset, marks()) });
  }

  finish(): FlushPlan {
    return assemble(this.pieces);
  }
}
