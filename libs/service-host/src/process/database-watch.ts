import { sentenceOf, type Database } from '@hooklane/postgres';
import type { ServiceModule, WorkerHealth } from '../service-module.js';

const ASK_EVERY_MS = 2_000;
/** As long as a commit of the log may take before it counts as trouble. */
const ANSWER_WITHIN_MS = 5_000;

/**
 * Asks Postgres for a sign of life. One that is stopped breaks its connections, and who uses it says so; one that stands still (a frozen machine, a dead
 * disk, a network that swallows) answers nothing, and everybody who waits for it is silent.
 * @returns how to end it
 */
export function watchDatabase(database: Database, worker: WorkerHealth, { everyMs, withinMs } = { everyMs: ASK_EVERY_MS, withinMs: ANSWER_WITHIN_MS }): () => void {
  const pool = database.pool('health', 1);
  let isAsking = false;
  let isOver = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const problem = await pool.query({ text: 'SELECT 1', query_timeout: withinMs } as { text: string }).then(() => null, sentenceOf);
    isAsking = false;
    if (isOver) return;
    if (problem === null) worker.ready();
    else worker.notReady(`Postgres does not answer: ${problem}`);
  };
  void ask();
  const timer = setInterval(() => void ask(), everyMs).unref();
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

/** Whether one of them can do nothing without Postgres. */
export function needDatabase(modules: readonly Pick<ServiceModule, 'migrations' | 'worksWithoutDatabase'>[]): boolean {
  return modules.some(({ migrations, worksWithoutDatabase }) => migrations !== null && worksWithoutDatabase !== true);
}
