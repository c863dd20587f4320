import type { HookChanged, TenantState, ProjectState, ApiKeyState, EventTypeState, SourceState, TopicLineage } from '@hooklane/contracts/topics';

/**
 * What the two compacted tables say, held whole in memory: hooks by tenant, and the catalog. A process opens one and all its modules share it.
 * A higher version replaces a lower one, never the reverse; deleted things stay as such and are not handed out.
 */
export interface Directory {
  /** Resolves when both tables have reached the end they had when this process asked first. */
  readonly ready: Promise<void>;
  /**
   * Read your writes (promise 10): resolves when the tables have reached the end they have now.
   * Callers that wait at the same time share one question to the log; with the embedded log it costs nothing.
   */
  caughtUp(): Promise<void>;
  hook(hookId: string): HookChanged | undefined;
  /** Also says the version of a deleted hook; 0 when it was never seen. */
  hookVersion(hookId: string): number;
  /** Resolves when the hook's version is at least `version` (lanes wait for theirs). */
  hookAtLeast(hookId: string, version: number): Promise<void>;
  /** In hook id order. The array is replaced, never changed, when a hook of the tenant changes: it may serve as a key of derived data. */
  hooksOf(tenantId: string): readonly HookChanged[];
  tenant(tenantId: string): TenantState | undefined;
  project(tenantId: string, projectId: string): ProjectState | undefined;
  /** By its id or its key. */
  projectNamed(tenantId: string, name: string): ProjectState | undefined;
  eventType(tenantId: string, name: string): EventTypeState | undefined;
  /** @param hash SHA-256 of the key as sent, as hex */
  apiKeyByHash(hash: string): ApiKeyState | undefined;
  /** Inbound sources in the order of their creation. A source that is changed is another object, so that what is made from one may be kept with it. */
  sourcesOf(tenantId: string): readonly SourceState[];
  lineage(topic: string): TopicLineage | undefined;
  /** Called after each applied change of a hook, deleted ones included. @returns a function that ends the calls. */
  onHookChanged(listener: (hook: HookChanged) => void): () => void;
}
