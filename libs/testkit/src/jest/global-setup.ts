import { openSharedServers } from '../shared-servers.js';

/** Jest's `globalSetup` of the kinds that meet real servers. */
export async function setup(): Promise<void> {
  (globalThis as { hooklaneStopServers?: () => Promise<void> }).hooklaneStopServers = await openSharedServers();
}

// The test runner takes the default export and nothing else.
export { setup as default };
