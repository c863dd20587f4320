import { setTimeout as pause } from 'node:timers/promises';
import type { Platform } from '../platform/platform.js';

const SERVICES = ['registry', 'event-ingest', 'fanout', 'delivery', 'log-query'];
const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 2_000;

/** What `/readyz` of every service says now; 0: nothing. */
function statuses(platform: Platform): Promise<number[]> {
  return Promise.all(SERVICES.map((service) => fetch(`${platform.urlOf(service)}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) }).then(({ status }) => status, () => 0)));
}

/** The services that do not say that they are ready. */
export async function unready(platform: Platform): Promise<string[]> {
  const said = await statuses(platform);
  return SERVICES.filter((_service, index) => said[index] !== 200);
}

/** Collects what `/readyz` of every service says meanwhile. */
export function watchReadiness(platform: Platform): { stop(): Promise<number[]> } {
  const seen = new Set<number>();
  let stopping = false;
  const loop = async (): Promise<void> => {
    for (; !stopping; await pause(LOOK_EVERY_MS)) for (const status of await statuses(platform)) seen.add(status);
  };
  const running = loop();
  return {
    async stop() {
      stopping = true;
      await running;
      return [...seen];
    },
  };
}
