/** Of one partition of events.accepted: the highest sequence seen of each ingest process. */
export type IncarnationMarks = Readonly<Record<string, number>>;

// An ingest process appends to a partition again long before this many others have come and gone there.
const KEPT = 128;

/**
 * Drops what fan-out drops too: a late duplicate append carries a sequence that its ingest process has passed already
 * (semantics.md "From event to request", 2). Keeps the incarnations that wrote last.
 */
export class IncarnationFilter {
  private readonly marks: Map<string, number>;

  constructor(marks: IncarnationMarks = {}) {
    this.marks = new Map(Object.entries(marks));
  }

  accept(incarnation: string, sequence: number): boolean {
    const mark = this.marks.get(incarnation);
    if (mark !== undefined && sequence <= mark) return false;
    if (mark === undefined && this.marks.size >= KEPT) this.forgetOldest();
    // Out and in again: the map's order is that of the last writes.
    this.marks.delete(incarnation);
    this.marks.set(incarnation, sequence);
    return true;
  }

  snapshot(): IncarnationMarks {
    return Object.fromEntries(this.marks);
  }

  private forgetOldest(): void {
    const [oldest] = this.marks.keys();
    if (oldest !== undefined) this.marks.delete(oldest);
  }
}
