import type { HookChanged } from '@hooklane/contracts/topics';
import type { AppendRecord, Offset } from '@hooklane/event-log';

/** The tables, as fan-out needs them. */
export interface HookTable {
  /** Resolves when every change that an API confirmed before this call is known (promise 10). */
  caughtUp(): Promise<void>;
  /** In id order; the array is replaced when a hook of the tenant changes. */
  hooksOf(tenantId: string): readonly HookChanged[];
  lineage(topic: string): { readonly lineageId: string } | undefined;
}

/** The log, as fan-out needs it. Appends wait for the log without end: an accepted event is never given up. */
export interface RequestLog {
  partitionsOf(topic: string): number;
  /** The records of one call for one partition appear together or not at all; calls keep their order per partition. */
  append(records: readonly AppendRecord[]): Promise<readonly Offset[]>;
}
