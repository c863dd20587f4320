import { setTimeout as pause } from 'node:timers/promises';
import { call } from '../platform/client.js';
import type { Platform } from '../platform/platform.js';

/** Publishes {"p":"a","n":0}, {"p":"a","n":1}, … one after another under one ordering key, and keeps what became of each. */
export interface NumberedPublisher {
  readonly key: string;
  /** Answered 202, in the order of their answers. */
  readonly acked: readonly AckedEvent[];
  /** Status (0: no answer) of everything else, with how often it came. */
  readonly refused: ReadonlyMap<number, number>;
  /** Resolves when the request under way has ended. */
  stop(): Promise<void>;
}

export interface AckedEvent {
  readonly n: number;
  readonly eventId: string;
}

export interface PublisherOptions {
  readonly type: string;
  /** Its name and its ordering key. */
  readonly key: string;
  /** Between two events. */
  readonly pauseMs: number;
  /**
   * With ids, which events get from `<type>.<key>.<n>`, a request without an answer is sent again as the same event. Without them it is not:
   * such an event may or may not have been accepted, and the next number follows. These need no Postgres to be accepted.
   */
  readonly ids: boolean;
}

const AFTER_REFUSAL_MS = 50;

export function startNumberedPublisher(platform: Platform, tenant: string, { type, key, pauseMs, ids }: PublisherOptions): NumberedPublisher {
  const acked: AckedEvent[] = [];
  const refused = new Map<number, number>();
  let stopping = false;
  const loop = async (): Promise<void> => {
    for (let n = 0; !stopping; await pause(pauseMs)) {
      const event = { ...(ids ? { id: `${type}.${key}.${n}` } : {}), type, orderingKey: key, data: { p: key, n } };
      const { status, body } = await call<{ id: string }>(platform, 'POST', `/v1/tenants/${tenant}/events`, event).catch(() => ({ status: 0, body: { id: '' } }));
      if (status === 202) acked.push({ n, eventId: body.id });
      else {
        refused.set(status, (refused.get(status) ?? 0) + 1);
        await pause(AFTER_REFUSAL_MS);
      }
      if (status === 202 || !ids) n++;
    }
  };
  const running = loop();
  return {
    key,
    acked,
    refused,
    async stop() {
      stopping = true;
      await running;
    },
  };
}
