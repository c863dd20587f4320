import type { ApiKeyState, CatalogChanged, EventTypeState, ProjectState, SourceState, TenantState, TopicLineage } from '@hooklane/contracts/topics';

/** The newest state of everything but hooks. Deleted and revoked things are remembered by their version only. */
export class CatalogTable {
  private readonly versions = new Map<string, number>();
  private readonly tenants = new Map<string, TenantState>();
  private readonly projects = new Map<string, ProjectState>();
  private readonly projectsByKey = new Map<string, ProjectState>();
  private readonly eventTypes = new Map<string, EventTypeState>();
  private readonly keysByHash = new Map<string, ApiKeyState>();
  private readonly lineages = new Map<string, TopicLineage>();
  private readonly sources = new Map<string, readonly SourceState[]>();

  /** Only a higher version replaces what is known. @param key of the record: `<kind>/<id>` */
  apply(key: string, change: CatalogChanged): void {
    if (change.version <= (this.versions.get(key) ?? 0)) return;
    this.versions.set(key, change.version);
    const { entry } = change;
    switch (entry?.$case) {
      case 'tenant':
        return keep(this.tenants, entry.value.tenantId, entry.value, entry.value.deleted);
      case 'project':
        return this.applyProject(entry.value);
      case 'eventType':
        return keep(this.eventTypes, within(entry.value.tenantId, entry.value.name), entry.value, entry.value.deleted);
      case 'apiKey':
        return keep(this.keysByHash, Buffer.from(entry.value.hash).toString('hex'), entry.value, entry.value.revoked);
      case 'lineage':
        return keep(this.lineages, entry.value.topic, entry.value, false);
      case 'source':
        return this.applySource(entry.value);
      case undefined:
        // Of a kind that a later version of us writes.
        return;
      default:
        entry satisfies never;
    }
  }

  tenant(tenantId: string): TenantState | undefined {
    return this.tenants.get(tenantId);
  }

  project(tenantId: string, projectId: string): ProjectState | undefined {
    return this.projects.get(within(tenantId, projectId));
  }

  /** By its id or its key. */
  projectNamed(tenantId: string, name: string): ProjectState | undefined {
    return this.project(tenantId, name) ?? this.projectsByKey.get(within(tenantId, name));
  }

  private applyProject(project: ProjectState): void {
    const { tenantId, projectId, key, deleted } = project;
    const before = this.project(tenantId, projectId);
    // Another project may have taken the key meanwhile.
    if (before && this.projectsByKey.get(within(tenantId, before.key)) === before) this.projectsByKey.delete(within(tenantId, before.key));
    keep(this.projects, within(tenantId, projectId), project, deleted);
    if (!deleted) this.projectsByKey.set(within(tenantId, key), project);
  }

  eventType(tenantId: string, name: string): EventTypeState | undefined {
    return this.eventTypes.get(within(tenantId, name));
  }

  apiKeyByHash(hash: string): ApiKeyState | undefined {
    return this.keysByHash.get(hash);
  }

  sourcesOf(tenantId: string): readonly SourceState[] {
    return this.sources.get(tenantId) ?? NO_SOURCES;
  }

  private applySource(source: SourceState): void {
    const others = this.sourcesOf(source.tenantId).filter(({ sourceId }) => sourceId !== source.sourceId);
    const all = source.deleted ? others : [...others, source];
    this.sources.set(source.tenantId, all.sort((a, b) => a.createdAtMs - b.createdAtMs || (a.sourceId < b.sourceId ? -1 : 1)));
  }

  lineage(topic: string): TopicLineage | undefined {
    return this.lineages.get(topic);
  }
}

const NO_SOURCES: readonly SourceState[] = [];

function keep<State>(states: Map<string, State>, id: string, state: State, isGone: boolean): void {
  if (isGone) states.delete(id);
  else states.set(id, state);
}

function within(tenantId: string, id: string): string {
  return `${tenantId}\0${id}`;
}
