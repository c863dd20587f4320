import { DeliveriesRequested, EventAccepted, Topics, type IncidentChanged } from '@hooklane/contracts/topics';
import type { AppendRecord } from '@hooklane/event-log';

/**
 * The record of a dead letter as it goes into its topic and partition again. Readers drop what their marks have passed, and theirs have passed
 * this one; so a record that can be read comes from a source of its own, named after the incident. One that cannot is appended as it was.
 */
export function reinjectedRecord(incident: IncidentChanged): AppendRecord {
  const { topic, partition, recordAttachment } = incident;
  return {
    topic,
    partition,
    key: incident.recordKey === '' ? null : incident.recordKey,
    value: withOwnSource(incident),
    // Not at any place of the log: it is stored with the record.
    ...(recordAttachment.length > 0 ? { attachment: { topic: Topics.eventsAccepted, partition: 0, offset: -1, value: recordAttachment as Buffer } } : {}),
  };
}

function withOwnSource(incident: IncidentChanged): Uint8Array {
  const source = `reinjected/${incident.incidentId}`;
  try {
    if (incident.topic === Topics.eventsAccepted) return EventAccepted.encode({ ...EventAccepted.decode(incident.recordValue), incarnation: source, sequence: 1 }).finish();
    if (incident.topic === Topics.deliveriesRequested) return requestWithSource(incident.recordValue, source);
    return incident.recordValue;
  } catch {
    return incident.recordValue;
  }
}

function requestWithSource(value: Uint8Array, sourceStream: string): Uint8Array {
  const { kind } = DeliveriesRequested.decode(value);
  if (kind?.$case !== 'request') return value;
  return DeliveriesRequested.encode({ kind: { $case: 'request', value: { ...kind.value, sourceStream, sourcePosition: 1 } } }).finish();
}
