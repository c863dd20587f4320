/**
 * The highest sequence seen of each ingest process (incarnation) in one partition of events.accepted. A record at or below it is a late duplicate append.
 * Immutable; kept in the order in which the incarnations were last seen, so that the oldest are forgotten first.
 */
export class IncarnationMarks {
  static readonly none = new IncarnationMarks(new Map());

  private constructor(private readonly sequences: ReadonlyMap<string, number>) {}

  /** @param metadata what `toMetadata` made; anything else, such as nothing at all, is no marks */
  static fromMetadata(metadata: string): IncarnationMarks {
    try {
      const parsed = JSON.parse(metadata) as { marks?: unknown };
      return Array.isArray(parsed.marks) ? new IncarnationMarks(new Map(parsed.marks as [string, number][])) : IncarnationMarks.none;
    } catch {
      return IncarnationMarks.none;
    }
  }

  isRepeat(incarnation: string, sequence: number): boolean {
    return sequence <= (this.sequences.get(incarnation) ?? 0);
  }

  /** @param seen the highest sequence of each incarnation, the one seen last at the end */
  advanced(seen: ReadonlyMap<string, number>, remembered: number): IncarnationMarks {
    const sequences = new Map(this.sequences);
    for (const [incarnation, sequence] of seen) {
      sequences.delete(incarnation);
      sequences.set(incarnation, sequence);
    }
    return new IncarnationMarks(new Map([...sequences].slice(-remembered)));
  }

  /** @returns some 60 bytes an incarnation, for the metadata of the commit */
  toMetadata(): string {
    return JSON.stringify({ marks: [...this.sequences] });
  }
}
