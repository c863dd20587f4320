import { CatalogChanged, HookChanged, Topics } from '@hooklane/contracts/topics';
import type { LogRecord } from '@hooklane/event-log';
import type { StreamId } from '../stream-id.js';

/** What one record of a table says: which aggregate, and at which version. */
export interface TableEntry {
  readonly stream: StreamId;
  readonly version: number;
}

/** @returns null for entries that are not the registry's (lineages), and for those of kinds that a later version writes. */
export function tableEntryOf(record: Pick<LogRecord, 'topic' | 'key' | 'value'>): TableEntry | null {
  if (record.topic === Topics.hooksChanged) {
    const { tenantId, hookId, version } = HookChanged.decode(record.value);
    return { stream: { kind: 'hook', tenantId, id: hookId }, version };
  }
  const { version, entry } = CatalogChanged.decode(record.value);
  switch (entry?.$case) {
    case 'tenant':
      return { stream: { kind: 'tenant', tenantId: entry.value.tenantId, id: entry.value.tenantId }, version };
    case 'project':
      return { stream: { kind: 'project', tenantId: entry.value.tenantId, id: entry.value.projectId }, version };
    case 'apiKey':
      return { stream: { kind: 'api-key', tenantId: entry.value.tenantId, id: entry.value.keyId }, version };
    case 'eventType':
      return { stream: { kind: 'event-type', tenantId: entry.value.tenantId, id: entry.value.name }, version };
    case 'source':
      return { stream: { kind: 'source', tenantId: entry.value.tenantId, id: entry.value.sourceId }, version };
    default:
      return null;
  }
}

/** What the tables hold by now: the version of the newest record of each aggregate, which is the one that compaction keeps. */
export class TableBook {
  private readonly newest = new Map<string, number>();
  private readonly highest = new Map<string, number>();

  /** @returns whether the record is older than one before it: readers ignore it, but compaction would keep it alone */
  note(streamId: string, version: number): boolean {
    const highest = this.highest.get(streamId) ?? 0;
    this.newest.set(streamId, version);
    this.highest.set(streamId, Math.max(highest, version));
    return version < highest;
  }

  /** 0: there is none. */
  newestVersion(streamId: string): number {
    return this.newest.get(streamId) ?? 0;
  }
}
