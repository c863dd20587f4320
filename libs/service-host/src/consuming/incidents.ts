import { createHash } from 'node:crypto';
import type { AppendRecord, DeadLetter, EventLog, PartitionFailure } from '@hooklane/event-log';
import { IncidentChanged, Topics } from '@hooklane/contracts/topics';
import type { Clock } from '@hooklane/kernel';

/** Appends what a person must look at to the incidents table. Ids are derived from the place: raised again after a crash it is the same incident. */
export class Incidents {
  constructor(
    private readonly log: Pick<EventLog, 'append'>,
    private readonly clock: Clock,
  ) {}

  /** Resolves once they are durable. */
  async deadLetter(service: string, letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    await this.log.append(letters.map(({ record, reason }) => incidentRecord([service, record.topic, record.partition, record.offset, 'dead-letter'], {
      kind: 'dead-letter',
      service,
      topic: record.topic,
      partition: record.partition,
      firstOffset: record.offset,
      lastOffset: record.offset,
      reason,
      recordValue: record.value,
      recordAttachment: record.attachment ?? Buffer.alloc(0),
      recordKey: record.key ?? '',
    }, this.clock.nowMs())));
  }

  async stopped(service: string, failure: PartitionFailure): Promise<void> {
    await this.log.append([incidentRecord([service, failure.topic, failure.partition, failure.firstOffset, failure.kind], {
      kind: failure.kind === 'gap' ? 'gap' : 'stopped-partition',
      service,
      topic: failure.topic,
      partition: failure.partition,
      firstOffset: failure.firstOffset,
      lastOffset: failure.lastOffset,
      reason: STOP_REASONS[failure.kind],
    }, this.clock.nowMs())]);
  }
}

/** A record that the brokers will never take. Its size is told, not its bytes: those are why. */
export function rejectedAppend(service: string, { topic, partition, records, reason }: { readonly topic: string; readonly partition: number; readonly records: readonly AppendRecord[]; readonly reason: string }, nowMs: number): AppendRecord {
  const bytes = records.reduce((sum, { value }) => sum + value.byteLength, 0);
  const sentence = `The brokers refused ${records.length} record${records.length === 1 ? '' : 's'} of ${bytes} bytes: ${reason}.`;
  return incidentRecord([service, topic, partition, nowMs, 'refused'], { kind: 'refused-append', service, topic, partition, reason: sentence, recordKey: records[0]?.key ?? '' }, nowMs);
}

/**
 * An open incident as a record of its table.
 * @param place what makes it this incident and no other: whoever raises the same again, after a crash or in another process, raises no second one
 * @param raisedAtMs milliseconds since the epoch
 */
export function incidentRecord(place: readonly (string | number)[], incident: Partial<IncidentChanged>, raisedAtMs: number): AppendRecord {
  const incidentId = incidentIdOf(place);
  const value = IncidentChanged.encode({ ...IncidentChanged.decode(NOTHING), ...incident, incidentId, raisedAtMs, state: 'open' }).finish();
  return { topic: Topics.incidentsChanged, partition: 0, key: incidentId, value };
}

const NOTHING = new Uint8Array();

const STOP_REASONS: Readonly<Record<PartitionFailure['kind'], string>> = {
  gap: 'Records between what was read and what comes next are no longer in the log: the consumer was away longer than they are kept.',
  'beyond-end': 'The position to read from lies behind the end of the log: the log has lost records, or was replaced.',
  'handler-rejected': 'The consumer failed where it must not; the partition stands still until the process is restarted.',
};

function incidentIdOf(place: readonly (string | number)[]): string {
  return `inc_${createHash('sha256').update(place.join('\0')).digest('hex').slice(0, 32)}`;
}
