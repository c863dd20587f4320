import { AppError } from '@hooklane/kernel';
import type { Aggregate, AggregateState } from '../ports.js';

export interface TenantSettings {
  readonly name: string;
  readonly unknownEventTypes: 'accept' | 'reject';
  readonly unknownProjects: 'accept' | 'reject';
  /** Whether its inbound sources accept calls (Tiki's "Webhook access", K13). */
  readonly webhookAccess: boolean;
  /** 0: none of its own. */
  readonly eventsPerSecond: number;
  readonly eventsBurst: number;
  readonly maxParkedPerHook: number;
  readonly retentionDays: number;
  readonly allowedTargets: readonly string[];
}

export interface TenantState extends AggregateState, TenantSettings {
  readonly tenantId: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

type At = { readonly atMs: number };

export type TenantEvent =
  | { readonly type: 'TenantCreated'; readonly data: At & { readonly tenantId: string; readonly settings: TenantSettings } }
  | { readonly type: 'TenantConfigured'; readonly data: At & { readonly changes: Partial<TenantSettings> } }
  | { readonly type: 'TenantDeleted'; readonly data: At }
  | { readonly type: 'VersionRaised'; readonly data: At & { readonly by: number } };

export type TenantCommand =
  /** What is absent stays as it is, or begins with its default. */
  | { readonly kind: 'put'; readonly tenantId: string; readonly settings: Partial<TenantSettings>; readonly atMs: number }
  | { readonly kind: 'delete'; readonly atMs: number }
  | { readonly kind: 'raise-version'; readonly by: number; readonly atMs: number };

export const tenantAggregate: Aggregate<TenantState, TenantCommand, TenantEvent> = { kind: 'tenant', initial: () => absentTenant, decide, evolve };

function decide(command: TenantCommand, state: TenantState): readonly TenantEvent[] {
  const { atMs } = command;
  if (command.kind === 'raise-version') return command.by > 0 ? [{ type: 'VersionRaised', data: { by: command.by, atMs } }] : [];
  // Its log goes on until its retention ends: whoever had the name next would read it.
  if (state.status === 'deleted') throw command.kind === 'delete' ? new AppError('not-found', 'There is no such tenant.') : new AppError('invalid-state', 'A tenant of this name was deleted; its name is not given again.');
  if (command.kind === 'delete') {
    if (state.status === 'absent') throw new AppError('not-found', 'There is no such tenant.');
    return [{ type: 'TenantDeleted', data: { atMs } }];
  }
  const { tenantId, settings } = command;
  if (state.status === 'absent') return [{ type: 'TenantCreated', data: { tenantId, settings: { ...defaultSettings, name: tenantId, ...settings }, atMs } }];
  const changes = Object.fromEntries(Object.entries(settings).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(state[name as keyof TenantSettings])));
  return Object.keys(changes).length === 0 ? [] : [{ type: 'TenantConfigured', data: { changes, atMs } }];
}

function evolve(state: TenantState, { type, data }: TenantEvent): TenantState {
  switch (type) {
    case 'TenantCreated':
      return { ...state, ...data.settings, status: 'live', tenantId: data.tenantId, createdAtMs: data.atMs, updatedAtMs: data.atMs };
    case 'TenantConfigured':
      return { ...state, ...data.changes, updatedAtMs: data.atMs };
    case 'TenantDeleted':
      return { ...state, status: 'deleted', updatedAtMs: data.atMs };
    case 'VersionRaised':
      return { ...state, raisedBy: state.raisedBy + data.by, updatedAtMs: data.atMs };
    default:
      void (type satisfies never);
      return state;
  }
}

const defaultSettings: TenantSettings = { name: '', unknownEventTypes: 'accept', unknownProjects: 'accept', webhookAccess: false, eventsPerSecond: 0, eventsBurst: 0, maxParkedPerHook: 0, retentionDays: 30, allowedTargets: [] };
const absentTenant: TenantState = { ...defaultSettings, status: 'absent', raisedBy: 0, tenantId: '', createdAtMs: 0, updatedAtMs: 0 };
