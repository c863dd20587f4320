import { Controller, Inject } from '@nestjs/common';
import { decodeEventAccepted, Topics } from '@hooklane/contracts/topics';
import type { CommittedPosition, LogRecord, RecordBatch, StartPosition, TopicPartition } from '@hooklane/event-log';
import { toAppError, type Clock } from '@hooklane/kernel';
import { ConsumesTopic, TopicAssigned, TopicRevoked, type DeadLetter, type HandedBatch, type HandlerResult, type TopicConsumer } from '@hooklane/service-host';
import type { Traces, TraceSpan } from '@hooklane/telemetry';
import type { FanoutMetrics } from './fanout.metrics.js';
import { decideFanout, type FanoutDecision, type FanoutDecisions, type FanoutSettings, type PlacedEvent } from './match/decide-fanout.js';
import { fanoutRecords, type RecordSettings } from './match/fanout-records.js';
import { IncarnationMarks } from './match/incarnation-marks.js';
import type { HookTable, RequestLog } from './ports.js';

export const FANOUT = Symbol('fanout');

export interface Fanout {
  readonly hooks: HookTable;
  readonly log: RequestLog;
  readonly clock: Clock;
  readonly metrics: FanoutMetrics;
  /** Null: nobody collects them. */
  readonly traces: Traces | null;
  readonly matching: FanoutSettings;
  readonly partitionOfOutcome: (eventId: string) => number;
}

const LINEAGE_PAUSE_MS = 500;

/** events.accepted → deliveries.requested, or a matched-nothing outcome. */
@Controller()
export class EventsAcceptedConsumer implements TopicConsumer {
  private readonly marks = new Map<number, IncarnationMarks>();

  constructor(@Inject(FANOUT) private readonly fanout: Fanout) {}

  @TopicAssigned('fanout', Topics.eventsAccepted)
  assigned(partitions: readonly TopicPartition[], committed: readonly (CommittedPosition | null)[]): Promise<readonly StartPosition[]> {
    for (const [index, { partition }] of partitions.entries()) this.marks.set(partition, IncarnationMarks.fromMetadata(committed[index]?.metadata ?? ''));
    return Promise.resolve(partitions.map(() => 'committed'));
  }

  @TopicRevoked('fanout', Topics.eventsAccepted)
  revoked(partitions: readonly TopicPartition[]): Promise<void> {
    for (const { partition } of partitions) this.marks.delete(partition);
    return Promise.resolve();
  }

  @ConsumesTopic('fanout', Topics.eventsAccepted)
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    const { hooks, clock, matching, metrics } = this.fanout;
    const startedMs = clock.monotonicMs();
    const startedAtMs = clock.nowMs();
    await hooks.caughtUp();
    const lineage = hooks.lineage(Topics.eventsAccepted);
    if (!lineage) return { kind: 'retry', reason: `the catalog does not say yet which ${Topics.eventsAccepted} this is`, afterMs: LINEAGE_PAUSE_MS };
    const { events, unreadable } = parse(batch.records);
    if (unreadable.length > 0 && !batch.deadLettered) return { kind: 'dead-letter', records: unreadable };
    const decided = decideFanout(events, this.marks.get(batch.partition) ?? IncarnationMarks.none, matching);
    await this.append(batch, decided, `${lineage.lineageId}/${batch.partition}`, startedAtMs);
    // Only now: a batch that comes again after a failure must not find its own records to be repeats.
    if (this.marks.has(batch.partition)) this.marks.set(batch.partition, decided.marks);
    metrics.batch(decided.decisions, { repeats: decided.repeats, unreadable: unreadable.length, seconds: (clock.monotonicMs() - startedMs) / 1000 });
    return { kind: 'ok', commit: { metadata: decided.marks.toMetadata() } };
  }

  /** All at once: the log keeps the order of calls per partition, and makes few writes of many. One call an event, so that its records in a partition appear together. */
  private async append(batch: RecordBatch, { decisions }: FanoutDecisions, sourceStream: string, startedAtMs: number): Promise<void> {
    const { clock, partitionOfOutcome } = this.fanout;
    const settings = { sourceStream, partitionOfOutcome, nowMs: clock.nowMs() };
    const sources = new Map(batch.records.map((record) => [record.offset, record]));
    await Promise.all(
      decisions.map((decision) => {
        const source = sources.get(decision.offset) as LogRecord;
        const span = this.spanOf(decision, startedAtMs);
        return span ? this.appendUnder(span, decision, source, settings) : this.appendOne(decision, source, { ...settings, traceparent: decision.event.traceparent });
      }),
    );
  }

  private appendOne(decision: FanoutDecision, source: LogRecord, settings: RecordSettings): Promise<unknown> {
    return this.fanout.log.append(fanoutRecords(decision, source, settings));
  }

  private async appendUnder(span: TraceSpan, decision: FanoutDecision, source: LogRecord, settings: Omit<RecordSettings, 'traceparent'>): Promise<void> {
    try {
      await this.appendOne(decision, source, { ...settings, traceparent: span.traceparent });
      span.end();
    } catch (error) {
      span.end({}, toAppError(error).code);
      throw error;
    }
  }

  private spanOf(decision: FanoutDecision, startedAtMs: number): TraceSpan | null {
    const { traces } = this.fanout;
    const { event } = decision;
    // Nothing is made for what nobody traces: this runs for every event.
    if (traces === null || event.traceparent === '') return null;
    const matched = decision.kind === 'requests' ? decision.requests.reduce((sum, { hooks }) => sum + hooks.length, 0) : 0;
    const attributes = { 'hooklane.tenant.id': event.tenantId, 'hooklane.event.id': event.eventId, 'hooklane.event.type': event.type, 'hooklane.hooks.matched': matched };
    return traces.begin('fan out', event.traceparent, { kind: 'consumer', attributes, startedAtMs });
  }
}

function parse(records: readonly LogRecord[]): { events: PlacedEvent[]; unreadable: DeadLetter[] } {
  const events: PlacedEvent[] = [];
  const unreadable: DeadLetter[] = [];
  for (const record of records) {
    try {
      events.push({ offset: record.offset, event: decodeEventAccepted(record.value) });
    } catch (error) {
      unreadable.push({ record, reason: `The record is not an event: ${(error as Error).message}` });
    }
  }
  return { events, unreadable };
}
