import type { DomainEvent, Projection, RecordedEvent } from '@hooklane/event-sourcing';
import type { EntityManager } from 'typeorm';
import type { NumberedKind } from '../ports.js';
import { parseStreamId } from '../stream-id.js';

interface Numbered {
  readonly tenantId: string;
  readonly kind: NumberedKind;
  readonly id: string;
}

/**
 * Gives what dialect APIs show its small number, in the order of creation. Appends come one after the other (event-sourcing, ADR 1), so the highest number is the last one given;
 * nothing takes a number away, so a rebuild gives each thing the one it had.
 */
export const numbersProjection: Projection<EntityManager> = { apply, clear };

async function apply(manager: EntityManager, events: readonly RecordedEvent[]): Promise<void> {
  const created = events.flatMap((recorded) => numberedBy(recorded as RecordedEvent<DomainEvent>));
  if (created.length === 0) return;
  await manager.query(NUMBER, [created.map(({ tenantId }) => tenantId), created.map(({ kind }) => kind), created.map(({ id }) => id)]);
}

function numberedBy({ streamId, event }: RecordedEvent<DomainEvent>): Numbered[] {
  const { tenantId, id } = parseStreamId(streamId);
  switch (event.type) {
    case 'HookCreated':
      return [{ tenantId, kind: `hook/${(event.data as { readonly dialect: string }).dialect}`, id }];
    case 'ProjectCreated':
      return [{ tenantId, kind: 'project', id }];
    case 'UserCreated':
      return [{ tenantId, kind: 'user', id }];
    default:
      return [];
  }
}

const NUMBER = `
INSERT INTO registry.numbers (tenant_id, kind, id, number)
SELECT c.tenant_id, c.kind, c.id,
  (SELECT coalesce(max(n.number), 0) FROM registry.numbers n WHERE n.tenant_id = c.tenant_id AND n.kind = c.kind) + row_number() OVER (PARTITION BY c.tenant_id, c.kind ORDER BY c.place)
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY c(tenant_id, kind, id, place)
WHERE NOT EXISTS (SELECT FROM registry.numbers n WHERE n.tenant_id = c.tenant_id AND n.kind = c.kind AND n.id = c.id)`;

async function clear(manager: EntityManager): Promise<void> {
  await manager.query('DELETE FROM registry.numbers');
}
