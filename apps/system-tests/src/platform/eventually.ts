const POLL_MS = 25;

/** Repeats `check` until it passes, at most `withinMs` (default 15 s); then it fails with the check's own last error. For what happens after an answer, never for an answer itself. */
export async function eventually<Result>(check: () => Promise<Result>, withinMs = 15_000): Promise<Result> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
