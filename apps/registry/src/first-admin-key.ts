import { toAppError } from '@hooklane/kernel';
import type { RunningService } from '@hooklane/service-host';

const PAUSE_MS = 500;

/**
 * Once everything is ready, makes sure that there is an admin key: the configured one, or else a random one that is printed this once.
 * The database or the log may go away again meanwhile, so it tries for as long as that lasts.
 */
export async function ensureFirstAdminKey({ adminKeys, ready, logger }: RunningService, isConfigured: boolean): Promise<void> {
  await ready;
  for (;;) {
    try {
      const key = await adminKeys?.ensureFirst();
      if (key && !isConfigured) process.stdout.write(`First admin key (shown this once; only its hash is stored): ${key}\n`);
      return;
    } catch (error) {
      logger.warn('the first admin key waits', { reason: toAppError(error).message });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
