/** Some 2 ms of work. */
const ITEMS_A_TURN = 32;

/** Maps a list in order, a few items in each turn of the event loop: a batch of 1,000 at once would keep every lane of the process waiting. */
export async function inTurns<T, R>(items: readonly T[], map: (item: T, index: number) => R): Promise<R[]> {
  const mapped: R[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % ITEMS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    mapped.push(map(item, index));
  }
  return mapped;
}
