import { createRequire } from 'node:module';

/** What we know of kafkajs's `RequestQueue`: one for each connection, exported by none of its public modules. */
export interface RequestQueue {
  /** Requests that wait because of too many in flight or because the broker throttles us. */
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<number, SentRequest>;
  requestTimeoutIntervalId?: NodeJS.Timeout;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  isConnected(): boolean;
  destroy(): void;
}

interface SentRequest {
  /** Milliseconds since 1970; null: not yet. */
  readonly sentAt: number | null;
  readonly requestTimeout: number;
  timeoutRequest(): void;
}

const LOOK_EVERY_MS = 100;

const require = createRequire(import.meta.url);
const { prototype } = require('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue };
const schedule = prototype.scheduleCheckPendingRequests;

/**
 * From its first answer on, every connection of kafkajs 2.2.4 looks a thousand times a second whether a request waits, also when none does
 * (tulios/kafkajs#1704): ten connections of an idle process cost 4 to 9 % of a core. It looks only while one waits.
 * What begins to wait calls this again.
 */
export function checkOnlyWhatWaits(): void {
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}

/**
 * kafkajs 2.2.4 stops looking for requests that take too long as soon as their connection begins to close, and closing waits for them: where the
 * broker is in a black hole neither ends any more, nor does whatever waits for the answer. The watch goes on until the last of them has ended.
 */
export function timeOutWhatIsUnderWay(): void {
  prototype.scheduleRequestTimeoutCheck = function scheduleRequestTimeoutCheck(this: RequestQueue): void {
    this.destroy();
    const watch = setInterval(() => {
      const now = Date.now();
      for (const request of [...this.inflight.values()]) if (request.sentAt !== null && now - request.sentAt > request.requestTimeout) request.timeoutRequest();
      if (!this.isConnected() && this.inflight.size === 0) clearInterval(watch);
    }, LOOK_EVERY_MS);
    this.requestTimeoutIntervalId = watch;
  };
}
