import { call } from './client.js';
import type { Platform } from './platform.js';

/** Publishes {"n":0}, {"n":1}, … one after another, and keeps what became of each. */
export interface NumberedPublisher {
  /** Numbers answered 202, in the order of their answers. */
  readonly acked: readonly number[];
  /** Status (0: no answer) of everything else, with how often it came. */
  readonly refused: ReadonlyMap<number, number>;
  /** Resolves when the request under way has ended. */
  stop(): Promise<void>;
}

/**
 * @param type of the events; their ids are `<type>.<n>`, so that a request without an answer is sent again as the same event
 * @param pauseMs between two events
 */
export function startNumberedPublisher(platform: Platform, tenant: string, type: string, pauseMs: number): NumberedPublisher {
  const acked: number[] = [];
  const refused = new Map<number, number>();
  let stopping = false;
  const loop = async (): Promise<void> => {
    for (let n = 0; !stopping; ) {
      const status = await call(platform, 'POST', `/v1/tenants/${tenant}/events`, { id: `${type}.${n}`, type, data: { n } }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 202) acked.push(n++);
      else {
        refused.set(status, (refused.get(status) ?? 0) + 1);
        await pause(50);
      }
      if (pauseMs > 0) await pause(pauseMs);
    }
  };
  const running = loop();
  return {
    acked,
    refused,
    async stop() {
      stopping = true;
      await running;
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
