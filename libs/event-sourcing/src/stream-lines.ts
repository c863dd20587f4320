/** One line for each stream that somebody wants to change: whoever comes later begins when those before are done, whatever came of them. */
export class StreamLines {
  private readonly last = new Map<string, Promise<unknown>>();

  after<Result>(streamId: string, work: () => Promise<Result>): Promise<Result> {
    const mine = (this.last.get(streamId) ?? Promise.resolve()).then(work, work);
    const settled = mine.then(noResult, noResult).then(() => {
      if (this.last.get(streamId) === settled) this.last.delete(streamId);
    });
    this.last.set(streamId, settled);
    return mine;
  }
}

const noResult = (): void => undefined;
