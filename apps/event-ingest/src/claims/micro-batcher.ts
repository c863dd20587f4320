/** Batches form by themselves: sent at once when free, and what arrives meanwhile is the next batch. No timer, so one alone is not delayed. */
export class MicroBatcher<Item, Answer> {
  private waiting: { readonly item: Item; readonly resolve: (answer: Answer) => void; readonly reject: (error: unknown) => void }[] = [];
  private isBusy = false;

  /** @param run answers in the order of its items */
  constructor(
    private readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>,
    private readonly batchMax: number,
  ) {}

  submit(item: Item): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => this.waiting.push({ item, resolve, reject }));
    if (!this.isBusy) {
      this.isBusy = true;
      // A microtask later, so that what is submitted together goes together.
      queueMicrotask(() => void this.drain());
    }
    return answer;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.batchMax);
      try {
        const answers = await this.run(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answer);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isBusy = false;
  }
}
