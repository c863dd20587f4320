import { createRequire } from 'node:module';

/** What we know of kafkajs's `RequestQueue`: one for each connection, exported by none of its public modules. */
export interface RequestQueue {
  /** Requests that wait because of too many in flight or because the broker throttles us. */
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

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
