import type { AggregateState, KindOf, ReadModels, Stored } from './ports.js';

const PAGE_SIZE = 500;

/** All aggregates of a kind that a tenant has, in id order, a page at a time. */
export async function* everyOne<State extends AggregateState>(reads: Pick<ReadModels, 'page'>, kind: KindOf<State>, tenantId: string): AsyncGenerator<Stored<State>> {
  let after: string | null = null;
  for (;;) {
    const page: readonly Stored<State>[] = await reads.page<State>(kind, tenantId, { after, limit: PAGE_SIZE });
    yield* page;
    if (page.length < PAGE_SIZE) return;
    after = page.at(-1)!.id;
  }
}
