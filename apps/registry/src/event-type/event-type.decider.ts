import { AppError } from '@hooklane/kernel';
import type { Aggregate, AggregateState } from '../ports.js';

export interface EventTypeFacts {
  readonly description: string | null;
  /** JSON text; empty: none. */
  readonly schema: string;
  /** JSON text; empty: none. */
  readonly example: string;
}

export interface EventTypeState extends AggregateState, EventTypeFacts {
  readonly tenantId: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

type At = { readonly atMs: number };

export type EventTypeEvent =
  | { readonly type: 'EventTypeCreated'; readonly data: At & EventTypeFacts & { readonly tenantId: string; readonly name: string } }
  | { readonly type: 'EventTypeChanged'; readonly data: At & { readonly changes: Partial<EventTypeFacts> } }
  | { readonly type: 'EventTypeDeleted'; readonly data: At }
  | { readonly type: 'VersionRaised'; readonly data: At & { readonly by: number } };

export type EventTypeCommand =
  | { readonly kind: 'create'; readonly tenantId: string; readonly name: string; readonly facts: EventTypeFacts; readonly atMs: number }
  | { readonly kind: 'change'; readonly changes: Partial<EventTypeFacts>; readonly atMs: number }
  | { readonly kind: 'delete'; readonly atMs: number }
  | { readonly kind: 'raise-version'; readonly by: number; readonly atMs: number };

export const eventTypeAggregate: Aggregate<EventTypeState, EventTypeCommand, EventTypeEvent> = { kind: 'event-type', initial: () => absentType, decide, evolve };

function decide(command: EventTypeCommand, state: EventTypeState): readonly EventTypeEvent[] {
  const { atMs } = command;
  switch (command.kind) {
    case 'create':
      // A deleted type may be made again: its name is its id.
      if (state.status === 'live') throw new AppError('already-exists', 'There is an event type with this name.');
      return [{ type: 'EventTypeCreated', data: { tenantId: command.tenantId, name: command.name, ...command.facts, atMs } }];
    case 'change': {
      assertLive(state);
      const changes = Object.fromEntries(Object.entries(command.changes).filter(([name, value]) => value !== state[name as keyof EventTypeFacts]));
      return Object.keys(changes).length === 0 ? [] : [{ type: 'EventTypeChanged', data: { changes, atMs } }];
    }
    case 'delete':
      assertLive(state);
      return [{ type: 'EventTypeDeleted', data: { atMs } }];
    case 'raise-version':
      return command.by > 0 ? [{ type: 'VersionRaised', data: { by: command.by, atMs } }] : [];
    default:
      return command satisfies never;
  }
}

function evolve(state: EventTypeState, { type, data }: EventTypeEvent): EventTypeState {
  switch (type) {
    case 'EventTypeCreated': {
      const { atMs, ...facts } = data;
      return { ...state, ...facts, status: 'live', createdAtMs: atMs, updatedAtMs: atMs };
    }
    case 'EventTypeChanged':
      return { ...state, ...data.changes, updatedAtMs: data.atMs };
    case 'EventTypeDeleted':
      return { ...absentType, status: 'deleted', raisedBy: state.raisedBy, tenantId: state.tenantId, name: state.name, updatedAtMs: data.atMs };
    case 'VersionRaised':
      return { ...state, raisedBy: state.raisedBy + data.by, updatedAtMs: data.atMs };
    default:
      void (type satisfies never);
      return state;
  }
}

function assertLive(state: EventTypeState): void {
  if (state.status !== 'live') throw new AppError('not-found', 'There is no such event type.');
}

const absentType: EventTypeState = { status: 'absent', raisedBy: 0, tenantId: '', name: '', description: null, schema: '', example: '', createdAtMs: 0, updatedAtMs: 0 };
