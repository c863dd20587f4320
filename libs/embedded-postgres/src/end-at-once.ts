import { pgDataIn } from './data-directory.js';
import { livePostmaster } from './postmaster.js';

/**
 * Tells the server of `dataDir`, if one lives, to end without a checkpoint, and waits for nothing: for a process that ends at once itself.
 * It recovers from its write-ahead log at the next start; nothing that was committed is lost. Also reaches a server that was adopted or still starts.
 */
export function endEmbeddedPostgresAtOnce(dataDir: string): void {
  const running = livePostmaster(pgDataIn(dataDir));
  if (running === null) return;
  try {
    // "Immediate shutdown" (Postgres manual, "Shutting Down the Server"). Where there are no signals the process is ended, and its backends follow it.
    process.kill(running.pid, process.platform === 'win32' ? 'SIGKILL' : 'SIGQUIT');
  } catch {
    // It ended by itself in between.
  }
}
