export interface Follower {
  readonly signal: AbortSignal;
  /** The reader went away. */
  end(): void;
}

/** Those who follow the live log; all are let go when the process stops. */
export class Followers {
  private readonly open = new Set<AbortController>();
  private isClosed = false;

  get count(): number {
    return this.open.size;
  }

  add(): Follower {
    const controller = new AbortController();
    if (this.isClosed) controller.abort();
    else this.open.add(controller);
    return {
      signal: controller.signal,
      end: () => {
        this.open.delete(controller);
        controller.abort();
      },
    };
  }

  close(): void {
    this.isClosed = true;
    for (const controller of this.open) controller.abort();
    this.open.clear();
  }
}
