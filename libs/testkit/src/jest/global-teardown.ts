/** Jest's `globalTeardown`, beside `global-setup`: ends what the run started. */
export async function teardown(): Promise<void> {
  await (globalThis as { hooklaneStopServers?: () => Promise<void> }).hooklaneStopServers?.();
}

export { teardown as default };
