/** The highest request of one source stream that the log holds: everything at or below it is a repeat. */
export interface SourceMark {
  readonly position: number;
  readonly hookId: string;
}

export interface FoldableHook {
  readonly hookId: string;
  readonly version: number;
}

export interface FoldableRequest<Hook extends FoldableHook = FoldableHook> {
  readonly sourceStream: string;
  readonly sourcePosition: number;
  /** In hook id order. */
  readonly hooks: readonly Hook[];
}

/**
 * The fold over one partition of deliveries.requested: says which hooks of a request are seen for the first time.
 * Pure but for its own marks; delivery and log-query run it over the same records and so never disagree about what is pending
 * (semantics.md "From event to request", 3). A source stream appends positions upwards and hook ids upwards within a position.
 */
export class RequestFold {
  private readonly marks: Map<string, SourceMark>;

  constructor(marks: ReadonlyMap<string, SourceMark> = new Map()) {
    this.marks = new Map(marks);
  }

  /** @returns the hooks that are no repeat, and moves the mark of the request's stream. */
  accept<Hook extends FoldableHook>(request: FoldableRequest<Hook>): readonly Hook[] {
    const mark = this.marks.get(request.sourceStream);
    const fresh = mark === undefined ? request.hooks : request.hooks.filter((hook) => isBeyond(mark, request.sourcePosition, hook.hookId));
    const last = fresh.at(-1);
    if (last) this.marks.set(request.sourceStream, { position: request.sourcePosition, hookId: last.hookId });
    return fresh;
  }

  /** A copy, to be stored with the offset up to which this fold has read. */
  snapshot(): ReadonlyMap<string, SourceMark> {
    return new Map(this.marks);
  }
}

function isBeyond(mark: SourceMark, position: number, hookId: string): boolean {
  return position > mark.position || (position === mark.position && hookId > mark.hookId);
}
