import { FieldReader } from '@hooklane/contracts/topics';
import { storable } from './storable.js';
import type { EventRow } from './rows.js';

export interface ReadEvent extends Omit<EventRow, 'record' | 'logPartition' | 'logOffset'> {
  readonly incarnation: string;
  readonly sequence: number;
}

/** What the read model needs of an EventAccepted record; field numbers as in topics.proto. */
export function readEvent(record: Buffer): ReadEvent {
  const fields = new FieldReader(record);
  let tenantId = '';
  let eventId = '';
  let type = '';
  let project = '';
  let acceptedAtMs = 0;
  let incarnation = '';
  let sequence = 0;
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) tenantId = fields.text();
    else if (field === 2) eventId = fields.text();
    else if (field === 3) type = fields.text();
    else if (field === 4) project = fields.text();
    else if (field === 7) acceptedAtMs = fields.number();
    else if (field === 11) incarnation = fields.text();
    else if (field === 12) sequence = fields.number();
    else fields.skip();
  }
  if (tenantId === '' || eventId === '') throw new Error('an event has a tenant and an id');
  return { tenantId, eventId: storable(eventId), type: storable(type), project: storable(project), acceptedAtMs, incarnation, sequence };
}
