import { setTimeout as pause } from 'node:timers/promises';
import { call } from './client.js';
import type { Platform } from './platform.js';

/** Publishes {"n":0}, {"n":1}, … one after another, and keeps what became of each. */
export interface NumberedPublisher {
  /** Numbers answered 202, in the order of their answers. */
  readonly acked: readonly number[];
  /** Their event ids, in the same order. */
  readonly ackedIds: readonly string[];
  /** Status (0: no answer) of everything else, with how often it came. */
  readonly refused: ReadonlyMap<number, number>;
  /** Resolves when the request under way has ended. */
  stop(): Promise<void>;
}

export interface PublisherOptions {
  /** Its ordering key, which is in the data as well: {"key":"a","n":0}. Default: none. */
  readonly key?: string;
  /**
   * With ids, `<type>.<n>` or `<type>.<key>.<n>`, a request without an answer is sent again as the same event. Without them it is not: such an event may or
   * may not have been accepted, and the next number follows. These need no Postgres to be accepted. Default true.
   */
  readonly ids?: boolean;
}

const AFTER_REFUSAL_MS = 50;

/**
 * @param type of the events
 * @param pauseMs between two events
 */
export function startNumberedPublisher(platform: Platform, tenant: string, type: string, pauseMs: number, { key, ids = true }: PublisherOptions = {}): NumberedPublisher {
  const acked: number[] = [];
  const ackedIds: string[] = [];
  const refused = new Map<number, number>();
  const eventOf = (n: number): object => {
    const id = [type, ...(key === undefined ? [] : [key]), n].join('.');
    return { ...(ids ? { id } : {}), type, ...(key === undefined ? {} : { orderingKey: key }), data: { key, n } };
  };
  let stopping = false;
  const loop = async (): Promise<void> => {
    for (let n = 0; !stopping; ) {
      const { status, body } = await call<{ id: string }>(platform, 'POST', `/v1/tenants/${tenant}/events`, eventOf(n)).catch(() => ({ status: 0, body: { id: '' } }));
      if (status === 202) {
        acked.push(n);
        ackedIds.push(body.id);
      } else {
        refused.set(status, (refused.get(status) ?? 0) + 1);
        await pause(AFTER_REFUSAL_MS);
      }
      if (status === 202 || !ids) n++;
      if (pauseMs > 0) await pause(pauseMs);
    }
  };
  const running = loop();
  return {
    acked,
    ackedIds,
    refused,
    async stop() {
      stopping = true;
      await running;
    },
  };
}
