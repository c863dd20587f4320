import { InboundCalled, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord } from '@hooklane/event-log';
import type { Clock, IdSource } from '@hooklane/kernel';
import type { EventLogWriter } from '../ports.js';
import { calledRecord, type InboundFate } from './called-record.js';
import type { InboundCall } from './inbound-call.js';
import type { RefusalBudget } from './refusal-budget.js';
import type { SourceState } from '@hooklane/contracts/topics';

export interface InboundLogParts {
  readonly log: EventLogWriter;
  readonly budget: RefusalBudget;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly partitionOf: (tenantId: string) => number;
  /** Of a record that could not be written, or was too much while the log is away. */
  readonly lost: (error: unknown) => void;
}

/** Records that wait for a log that is away: 20 MB at most. */
const WAITING_MAX = 1_000;

/** Writes who called and what became of it. Nobody waits for it: an accepted call is durable by its event. */
export class InboundLog {
  private waiting = 0;

  constructor(private readonly parts: InboundLogParts) {}

  note(call: InboundCall, endpoint: string, fate: InboundFate, sources: readonly SourceState[]): void {
    const { budget, clock, ids } = this.parts;
    const atMs = clock.nowMs();
    if (fate.outcome !== 'accepted' && !budget.take(call.tenantId, endpoint, atMs)) return;
    this.append(calledRecord(call, endpoint, fate, sources, { callId: ids.next('in'), atMs }));
  }

  /** Says of each endpoint how many refused calls were not kept. To be called every few seconds, and at the end. */
  sayNotKept(): void {
    const { budget, clock, ids } = this.parts;
    const atMs = clock.nowMs();
    for (const { tenantId, endpoint, count, sinceMs } of budget.drain(atMs)) {
      const sentence = `${count} more refused calls are not kept: what is kept of them has a limit.`;
      this.append({ ...NOTHING, tenantId, callId: ids.next('in'), atMs, endpoint, outcome: 'not-kept', reason: 'too-many', sentence, notKept: count, notKeptSinceMs: sinceMs });
    }
  }

  private append(called: InboundCalled): void {
    const { log, partitionOf, lost } = this.parts;
    if (this.waiting >= WAITING_MAX) return lost(new Error('too many records wait for the log'));
    const record: AppendRecord = { topic: Topics.inboundCalled, partition: partitionOf(called.tenantId), key: null, value: InboundCalled.encode(called).finish() };
    this.waiting += 1;
    void log.append([record]).catch(lost).finally(() => (this.waiting -= 1));
  }
}

const NOTHING = InboundCalled.decode(new Uint8Array());
