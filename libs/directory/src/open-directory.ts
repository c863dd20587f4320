import { CatalogChanged, HookChanged, Topics } from '@hooklane/contracts/topics';
import type { EventLog, LogRecord } from '@hooklane/event-log';
import { CatalogTable } from './catalog-table.js';
import type { Directory } from './directory.js';
import { HookTable } from './hook-table.js';
import { TableFollower, type TableProblem } from './table-follower.js';

export interface OpenDirectory extends Directory {
  /** Stops following; what waits for the tables' end is told that the log is away. */
  close(): Promise<void>;
}

/**
 * Opens the one directory of a process.
 * @param instanceId names the process among its like, for adapters that need a consumer group for each reader
 * @param report gets what cannot be read; the directory goes on without it
 */
export function openDirectory(log: EventLog, instanceId: string, report: (problem: TableProblem) => void): OpenDirectory {
  const hooks = new HookTable();
  const catalog = new CatalogTable();
  const tables = new TableFollower({
    log,
    group: `directory.${instanceId}`,
    topics: [Topics.hooksChanged, Topics.catalogChanged],
    apply: (record) => apply(record, hooks, catalog),
    report,
  });
  return {
    ready: tables.ready,
    caughtUp: () => tables.caughtUp(),
    hook: (hookId) => hooks.get(hookId),
    hookVersion: (hookId) => hooks.version(hookId),
    hookAtLeast: (hookId, version) => hooks.atLeast(hookId, version),
    hooksOf: (tenantId) => hooks.ofTenant(tenantId),
    tenant: (tenantId) => catalog.tenant(tenantId),
    project: (tenantId, projectId) => catalog.project(tenantId, projectId),
    projectNamed: (tenantId, name) => catalog.projectNamed(tenantId, name),
    eventType: (tenantId, name) => catalog.eventType(tenantId, name),
    apiKeyByHash: (hash) => catalog.apiKeyByHash(hash),
    sourcesOf: (tenantId) => catalog.sourcesOf(tenantId),
    lineage: (topic) => catalog.lineage(topic),
    onHookChanged: (listener) => hooks.onChange(listener),
    close: () => tables.close(),
  };
}

function apply(record: LogRecord, hooks: HookTable, catalog: CatalogTable): void {
  if (record.topic === Topics.hooksChanged) hooks.apply(HookChanged.decode(record.value));
  else if (record.key !== null) catalog.apply(record.key, CatalogChanged.decode(record.value));
}
