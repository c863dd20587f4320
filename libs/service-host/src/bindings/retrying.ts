import { AppError } from '@hooklane/kernel';
import type { WorkerHealth } from '../service-module.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Does `work` until it succeeds, for ever: a process whose database is away at start waits, alive and not ready.
 * @param isWorthWaiting false for what no waiting mends; that is thrown on
 */
export async function retrying<Result>(work: () => Promise<Result>, isWorthWaiting: (error: unknown) => boolean, worker: WorkerHealth, stopping: AbortSignal): Promise<Result> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (stopping.aborted) throw new AppError('not-ready', 'Stopped while starting.');
    try {
      return await work();
    } catch (error) {
      if (!isWorthWaiting(error)) throw error;
      worker.notReady(error instanceof Error ? error.message : String(error));
      await pause(pauseMs, stopping);
    }
  }
}

function pause(ms: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      stopping.removeEventListener('abort', done);
      resolve();
    }
    stopping.addEventListener('abort', done);
  });
}
