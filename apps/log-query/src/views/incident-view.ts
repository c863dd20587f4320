import type { IncidentSummary, IncidentView } from '@hooklane/contracts/rest';
import type { IncidentChanged } from '@hooklane/contracts/topics';
import { momentOf, momentOrNull, textOrNull } from './moments.js';

export function incidentSummary(incident: IncidentChanged): IncidentSummary {
  return {
    id: incident.incidentId,
    tenant: textOrNull(incident.tenantId),
    kind: incident.kind,
    service: incident.service,
    topic: incident.topic,
    partition: incident.partition,
    firstOffset: incident.firstOffset,
    lastOffset: incident.lastOffset,
    reason: incident.reason,
    raisedAt: momentOf(incident.raisedAtMs),
    state: incident.state,
    answeredBy: textOrNull(incident.answeredBy),
    answerReason: textOrNull(incident.answerReason),
    answeredAt: momentOrNull(incident.answeredAtMs),
    canBeReinjected: canBeReinjected(incident),
  };
}

export function incidentView(incident: IncidentChanged): IncidentView {
  return {
    ...incidentSummary(incident),
    recordKey: textOrNull(incident.recordKey),
    recordValueBase64: base64OrNull(incident.recordValue),
    recordAttachmentBase64: base64OrNull(incident.recordAttachment),
  };
}

/** Only of a dead letter is there a record that can go its way again. */
export function canBeReinjected(incident: IncidentChanged): boolean {
  return incident.kind === 'dead-letter' && incident.recordValue.length > 0;
}

function base64OrNull(bytes: Uint8Array): string | null {
  return bytes.length === 0 ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
