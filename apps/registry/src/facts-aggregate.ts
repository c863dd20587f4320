import { AppError } from '@hooklane/kernel';
import type { Aggregate, AggregateKind, AggregateState } from './ports.js';

/** An aggregate that is a set of facts and nothing more: made, changed, deleted. Projects, users and memberships are such. */
export interface FactsState<Facts> extends AggregateState {
  readonly tenantId: string;
  readonly id: string;
  readonly facts: Facts;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

type At = { readonly atMs: number };

export type FactsEvent<Noun extends string, Facts> =
  | { readonly type: `${Noun}Created`; readonly data: At & { readonly tenantId: string; readonly id: string; readonly facts: Facts } }
  | { readonly type: `${Noun}Changed`; readonly data: At & { readonly changes: Partial<Facts> } }
  | { readonly type: `${Noun}Deleted`; readonly data: At }
  | { readonly type: 'VersionRaised'; readonly data: At & { readonly by: number } };

export type FactsCommand<Facts> =
  | { readonly kind: 'create'; readonly tenantId: string; readonly id: string; readonly facts: Facts; readonly atMs: number }
  /** Makes it, or changes what differs. */
  | { readonly kind: 'put'; readonly tenantId: string; readonly id: string; readonly facts: Facts; readonly atMs: number }
  | { readonly kind: 'change'; readonly changes: Partial<Facts>; readonly atMs: number }
  | { readonly kind: 'delete'; readonly atMs: number }
  | { readonly kind: 'raise-version'; readonly by: number; readonly atMs: number };

export type FactsAggregate<Noun extends string, Facts> = Aggregate<FactsState<Facts>, FactsCommand<Facts>, FactsEvent<Noun, Facts>>;

/**
 * @param noun begins the names of its events
 * @param none the facts of one that does not exist
 */
export function factsAggregate<Noun extends string, Facts extends object>(kind: AggregateKind, noun: Noun, none: Facts): FactsAggregate<Noun, Facts> {
  const absent: FactsState<Facts> = { status: 'absent', raisedBy: 0, tenantId: '', id: '', facts: none, createdAtMs: 0, updatedAtMs: 0 };
  return {
    kind,
    initial: () => absent,
    decide: (command, state) => decide(noun, command, state),
    evolve: (state, event) => evolve(noun, absent, state, event),
  };
}

function decide<Noun extends string, Facts extends object>(noun: Noun, command: FactsCommand<Facts>, state: FactsState<Facts>): readonly FactsEvent<Noun, Facts>[] {
  const { atMs } = command;
  switch (command.kind) {
    case 'create':
      if (state.status === 'live') throw new AppError('already-exists', `${noun} ${command.id} exists already.`, { publicMessage: 'It exists already.' });
      return [{ type: `${noun}Created`, data: { tenantId: command.tenantId, id: command.id, facts: command.facts, atMs } }];
    case 'put':
      return state.status === 'live' ? changed(noun, state, command.facts, atMs) : decide(noun, { ...command, kind: 'create' }, state);
    case 'change':
      assertLive(noun, state);
      return changed(noun, state, command.changes, atMs);
    case 'delete':
      assertLive(noun, state);
      return [{ type: `${noun}Deleted`, data: { atMs } }];
    case 'raise-version':
      return command.by > 0 ? [{ type: 'VersionRaised', data: { by: command.by, atMs } }] : [];
    default:
      return command satisfies never;
  }
}

function changed<Noun extends string, Facts extends object>(noun: Noun, state: FactsState<Facts>, wanted: Partial<Facts>, atMs: number): readonly FactsEvent<Noun, Facts>[] {
  const differing = Object.entries(wanted).filter(([name, value]) => value !== undefined && value !== state.facts[name as keyof Facts]);
  return differing.length === 0 ? [] : [{ type: `${noun}Changed`, data: { changes: Object.fromEntries(differing) as Partial<Facts>, atMs } }];
}

function evolve<Noun extends string, Facts extends object>(noun: Noun, absent: FactsState<Facts>, state: FactsState<Facts>, event: FactsEvent<Noun, Facts>): FactsState<Facts> {
  const { atMs } = event.data;
  if ('facts' in event.data) {
    const { tenantId, id, facts } = event.data;
    return { ...state, status: 'live', tenantId, id, facts, createdAtMs: atMs, updatedAtMs: atMs };
  }
  if ('changes' in event.data) return { ...state, facts: { ...state.facts, ...event.data.changes }, updatedAtMs: atMs };
  if ('by' in event.data) return { ...state, raisedBy: state.raisedBy + event.data.by, updatedAtMs: atMs };
  if (event.type === `${noun}Deleted`) return { ...absent, status: 'deleted', raisedBy: state.raisedBy, tenantId: state.tenantId, id: state.id, facts: state.facts, createdAtMs: state.createdAtMs, updatedAtMs: atMs };
  return state;
}

function assertLive(noun: string, state: AggregateState): void {
  if (state.status !== 'live') throw new AppError('not-found', `There is no such ${noun.toLowerCase()}.`);
}
