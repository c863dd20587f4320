import type { EventLogConnection } from '../event-log.js';

export interface ContractTopic {
  readonly name: string;
  readonly partitions: number;
  readonly compacted: boolean;
}

/** What an adapter brings to `eventLogContract`: one fresh, empty log that has `contractTopics`. */
export interface EventLogHarness {
  readonly log: EventLogConnection;
  /** Closes `log` in an orderly way and opens the same data again, as after a restart of the process; from then on this is `log`. */
  reopen(): Promise<EventLogConnection>;
  /** Makes the log impossible to write, as if its server were away; resolves when that is so. `restore` lets it heal. */
  interrupt(): Promise<{ restore(): Promise<void> }>;
  /** Removes what stands before `offset`, as retention would. */
  truncate(topic: string, partition: number, offset: number): Promise<void>;
  /** Ends everything, the log included. */
  dispose(): Promise<void>;
}

/** One topic a test, so that tests do not see each other's records; three partitions unless one is the point. */
export const contractTopics: readonly ContractTopic[] = [
  ...['offsets', 'order', 'exact', 'attached', 'source', 'read', 'bounds', 'reopen', 'deadline', 'share', 'everything', 'positions', 'commit', 'slow', 'close', 'again', 'members', 'seek', 'gap', 'rejects', 'retried'].map((name) => ({
    name: `contract.${name}`,
    partitions: 3,
    compacted: false,
  })),
  { name: 'contract.table', partitions: 1, compacted: true },
];

/** Long enough for a Kafka group to form; nothing waits this long when it works. */
export const PATIENCE_MS = 40_000;

/** A promise that is settled from outside: a handler that waits until the test lets it go on. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { passed, open };
}
