import { toAppError } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';
import type { ProcessConfig } from './process-config.js';
import type { OpenParts } from './open-parts.js';

/** What is left for each later step even when an earlier one took too long. */
const LEAST_STEP_MS = 500;
/** Requests that are no streams end in milliseconds; streams end when their module is told to stop. */
const REQUESTS_MS = 3_000;

/**
 * Stops a process in the one order that loses and repeats nothing: unready, intake, consumers, in flight (the modules' own shutdown hooks), log, stores.
 * A step that does not end in its share of the budget is reported and left: what it would have done is done by whoever takes over.
 */
export async function stopService(parts: OpenParts, config: Pick<ProcessConfig, 'HOOKLANE_STOP_TIMEOUT_MS' | 'HOOKLANE_UNREADY_BEFORE_STOP_MS'>, logger: Logger, reason: string): Promise<void> {
  const begin = performance.now();
  const left = (): number => Math.max(LEAST_STEP_MS, config.HOOKLANE_STOP_TIMEOUT_MS - (performance.now() - begin));
  const step = async (name: string, work: () => Promise<unknown> | undefined): Promise<void> => {
    const from = performance.now();
    try {
      const outcome = await within(work(), left());
      const tookMs = Math.round(performance.now() - from);
      if (outcome === 'late') logger.warn('stopping: step did not end in time', { step: name, tookMs });
      else logger.debug('stopping: step done', { step: name, tookMs });
    } catch (error) {
      logger.error('stopping: step failed', { step: name, error: toAppError(error).message });
    }
  };
  parts.health.stopping('stopping');
  if (parts.app) await step('unready', () => pause(config.HOOKLANE_UNREADY_BEFORE_STOP_MS));
  parts.http?.gate.close();
  const requestsMs = Math.min(REQUESTS_MS, left() / 4);
  await step('intake', () => Promise.all([parts.http?.gate.drained(requestsMs), parts.grpc?.drain(requestsMs)]));
  await step('consumers', () => parts.consumers?.close());
  await step('in flight', () => parts.app?.close());
  parts.peers?.close();
  await step('directory', () => parts.directory?.close());
  await step('log', () => parts.bindings?.log.close(left()));
  parts.unwatchDatabase?.();
  await step('stores', () => parts.bindings?.closeStores());
  await step('traces', () => parts.traces?.close());
  await step('http', () => parts.front.close());
  logger.info('stopped', { reason, tookMs: Math.round(performance.now() - begin) });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function within(work: Promise<unknown> | undefined, timeoutMs: number): Promise<'done' | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutMs);
  });
  try {
    return await Promise.race([Promise.resolve(work).then(() => 'done' as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
