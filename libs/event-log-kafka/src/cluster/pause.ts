/** Waits, or less if `signal` is aborted meanwhile. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/** Resolves when `work` does, or rejects after `ms`; the work goes on by itself. */
export function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`${what} took longer than ${ms} ms`)), ms);
    work.then(done, fail).finally(() => clearTimeout(timer));
  });
}
