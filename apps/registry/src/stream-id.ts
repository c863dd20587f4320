import type { AggregateKind } from './ports.js';

export interface StreamId {
  readonly kind: AggregateKind;
  /** Empty: the platform. */
  readonly tenantId: string;
  readonly id: string;
}

/** `<kind>/<tenant>/<id>`. Only the id may hold slashes, so the text can be taken apart again. */
export function streamIdOf({ kind, tenantId, id }: StreamId): string {
  return `${kind}/${tenantId}/${id}`;
}

export function parseStreamId(text: string): StreamId {
  const [kind = '', tenantId = '', ...id] = text.split('/');
  return { kind: kind as AggregateKind, tenantId, id: id.join('/') };
}
