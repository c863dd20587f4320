import { openSharedServers } from '../shared-servers.js';

/** Jest's `globalSetup` of the kinds that meet real servers. */
export async function setup(): Promise<void> {
  const stop = await openSharedServers();
  (globalThis as { hooklaneStopServers?: () => Promise<void> }).hooklaneStopServers = stop;
  // A run that is interrupted takes its servers along; one that is killed leaves them to the next run.
  for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143]] as const) process.once(signal, () => void stop().finally(() => process.exit(status)));
}

// The test runner takes the default export and nothing else.
export { setup as default };
