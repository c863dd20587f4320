/**
 * Calls while one is under way share the next one, which begins when it has ended: an answer is never older than the question.
 */
export function coalesce<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> | null = null;
  let next: Promise<T> | null = null;
  const begin = (): Promise<T> => {
    next = null;
    const asked = ask();
    const ended = asked.then(noted, noted);
    underWay = ended;
    function noted(): void {
      if (underWay === ended) underWay = null;
    }
    return asked;
  };
  return () => {
    if (underWay === null) return begin();
    next ??= underWay.then(begin);
    return next;
  };
}
