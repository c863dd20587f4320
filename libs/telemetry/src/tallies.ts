/**
 * What is counted between two readings of /metrics. A counter, gauge or histogram of prom-client sorts and hashes its labels at every call,
 * 1 to 2.5 microseconds each; on the path of a delivery, where a dozen things are counted, that was 3 % of the process.
 * Here counting is an addition, and prom-client hears of it when somebody asks.
 */
export class CounterTally {
  private pending = 0;

  inc(by = 1): void {
    this.pending += by;
  }

  /** @returns what was added since it was taken last. */
  take(): number {
    const { pending } = this;
    this.pending = 0;
    return pending;
  }
}

export class GaugeTally {
  /** Null until it is set: a gauge that nobody has set is not shown. */
  value: number | null = null;

  set(value: number): void {
    this.value = value;
  }
}

export class HistogramTally {
  /** Observations by bucket, not yet added up; the last is beyond all bounds. */
  private readonly counts: number[];
  private sum = 0;

  /** @param bounds upper bounds, rising */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
    counts[bucket] = (counts[bucket] as number) + 1;
    this.sum += value;
  }

  /** Observations at or below each bound, the last being all of them, and their sum: what the exposition format wants to see. */
  read(): { readonly cumulative: readonly number[]; readonly sum: number } {
    let total = 0;
    return { cumulative: this.counts.map((count) => (total += count)), sum: this.sum };
  }
}

/** One tally for each combination of label values, made at its first use. */
export class Children<Tally> {
  private readonly byLabels = new Map<string, { readonly labels: readonly string[]; readonly tally: Tally }>();

  constructor(private readonly make: () => Tally) {}

  of(labels: readonly string[]): Tally {
    const key = labels.join('\0');
    let child = this.byLabels.get(key);
    if (!child) this.byLabels.set(key, (child = { labels, tally: this.make() }));
    return child.tally;
  }

  all(): Iterable<{ readonly labels: readonly string[]; readonly tally: Tally }> {
    return this.byLabels.values();
  }
}
