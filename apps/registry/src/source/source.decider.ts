import { AppError } from '@hooklane/kernel';
import type { Aggregate, AggregateState } from '../ports.js';

export type ReplayGuard = 'accept' | 'refuse' | 'once';

/** What its owner chose, or its kind where they were silent. Absent texts are empty. */
export interface SourceConfig {
  readonly name: string;
  readonly enabled: boolean;
  readonly user: string;
  readonly verification: string;
  readonly algorithm: string;
  readonly header: string;
  readonly query: string;
  readonly basicAuthUser: string;
  /** 0: the kind has no timestamp. */
  readonly toleranceSeconds: number;
  readonly replays: ReplayGuard;
  readonly idHeader: string;
  readonly eventType: string;
  readonly project: string;
  readonly forwardedHeaders: readonly string[];
}

export interface SourceState extends AggregateState {
  readonly tenantId: string;
  readonly sourceId: string;
  readonly kind: string;
  readonly config: SourceConfig;
  /** As the sealer made it. */
  readonly sealedSecret: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

type At = { readonly atMs: number };

export type SourceEvent =
  | { readonly type: 'SourceCreated'; readonly data: At & { readonly tenantId: string; readonly sourceId: string; readonly kind: string; readonly config: SourceConfig; readonly sealedSecret: string } }
  /** `sealedSecret` is null where the secret stays. */
  | { readonly type: 'SourceConfigured'; readonly data: At & { readonly changes: Partial<SourceConfig>; readonly sealedSecret: string | null } }
  | { readonly type: 'SourceDeleted'; readonly data: At }
  | { readonly type: 'VersionRaised'; readonly data: At & { readonly by: number } };

export type SourceCommand =
  | { readonly kind: 'create'; readonly source: (SourceEvent & { type: 'SourceCreated' })['data'] }
  | { readonly kind: 'configure'; readonly config: SourceConfig; readonly sealedSecret: string | null; readonly atMs: number }
  | { readonly kind: 'delete'; readonly atMs: number }
  | { readonly kind: 'raise-version'; readonly by: number; readonly atMs: number };

/** One that may call from outside: for Tiki a handler of the tenant's one address, for other kinds an address of its own. */
export const sourceAggregate: Aggregate<SourceState, SourceCommand, SourceEvent> = { kind: 'source', initial: () => absentSource, decide, evolve };

function decide(command: SourceCommand, state: SourceState): readonly SourceEvent[] {
  switch (command.kind) {
    case 'create':
      if (state.status !== 'absent') throw new AppError('already-exists', 'There is a source with this id.');
      return [{ type: 'SourceCreated', data: command.source }];
    case 'configure': {
      assertLive(state);
      const { config, sealedSecret, atMs } = command;
      const names = Object.keys(config) as (keyof SourceConfig)[];
      const changed = names.filter((name) => JSON.stringify(config[name]) !== JSON.stringify(state.config[name]));
      if (changed.length === 0 && sealedSecret === null) return [];
      return [{ type: 'SourceConfigured', data: { changes: Object.fromEntries(changed.map((name) => [name, config[name]])), sealedSecret, atMs } }];
    }
    case 'delete':
      assertLive(state);
      return [{ type: 'SourceDeleted', data: { atMs: command.atMs } }];
    case 'raise-version':
      return state.status === 'absent' || command.by <= 0 ? [] : [{ type: 'VersionRaised', data: { by: command.by, atMs: command.atMs } }];
    default:
      return command satisfies never;
  }
}

function evolve(state: SourceState, { type, data }: SourceEvent): SourceState {
  const at = { updatedAtMs: data.atMs };
  switch (type) {
    case 'SourceCreated': {
      const { atMs, ...source } = data;
      return { ...state, ...source, ...at, status: 'live', createdAtMs: atMs };
    }
    case 'SourceConfigured':
      return { ...state, ...at, config: { ...state.config, ...data.changes }, sealedSecret: data.sealedSecret ?? state.sealedSecret };
    case 'SourceDeleted':
      // What it knew goes with it; the history keeps the rest.
      return { ...absentSource, ...at, status: 'deleted', tenantId: state.tenantId, sourceId: state.sourceId, kind: state.kind, raisedBy: state.raisedBy, createdAtMs: state.createdAtMs };
    case 'VersionRaised':
      return { ...state, ...at, raisedBy: state.raisedBy + data.by };
    default:
      void (type satisfies never);
      return state;
  }
}

function assertLive(state: SourceState): void {
  if (state.status !== 'live') throw new AppError('not-found', 'There is no such source.');
}

const absentSource: SourceState = {
  status: 'absent',
  raisedBy: 0,
  tenantId: '',
  sourceId: '',
  kind: '',
  config: { name: '', enabled: false, user: '', verification: '', algorithm: '', header: '', query: '', basicAuthUser: '', toleranceSeconds: 0, replays: 'accept', idHeader: '', eventType: '', project: '', forwardedHeaders: [] },
  sealedSecret: '',
  createdAtMs: 0,
  updatedAtMs: 0,
};
