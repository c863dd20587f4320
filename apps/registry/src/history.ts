import type { HistoryEntry } from '@hooklane/contracts/rest';
import type { DomainEvent, RecordedEvent } from '@hooklane/event-sourcing';
import type { Aggregate, AggregateState } from './ports.js';

type Folded<State extends AggregateState, Event extends DomainEvent> = Pick<Aggregate<State, never, Event>, 'initial' | 'evolve'>;

/** How an aggregate's history is told. */
export interface HistoryShown<State, Event extends DomainEvent> {
  /** Of a live state, as the API shows it, secrets masked. */
  view(state: State): object;
  /** What an event did that the views do not show: secrets, and what lanes were told. */
  hidden?(event: Event, before: State, after: State): HistoryEntry['difference'];
  /** Where the request gave no reason. */
  reason?(event: Event): string;
}

/** The aggregate as it was at `atMs`, with its version then; null before its creation. */
export function stateAt<State extends AggregateState, Event extends DomainEvent>(aggregate: Folded<State, Event>, history: readonly RecordedEvent<Event>[], atMs: number): { state: State; version: number } | null {
  // Clocks of two processes may disagree, so times need not rise with versions: everything up to the last event that is not younger.
  const until = history.findLastIndex(({ meta }) => meta.atMs <= atMs);
  if (until < 0) return null;
  let state = aggregate.initial();
  for (const { event } of history.slice(0, until + 1)) state = aggregate.evolve(state, event);
  return { state, version: until + 1 + state.raisedBy };
}

/** What happened to an aggregate, oldest first: who, when, why, and which fields differ afterwards. */
export function historyEntries<State extends AggregateState, Event extends DomainEvent>(
  aggregate: Folded<State, Event>,
  shown: HistoryShown<State, Event>,
  history: readonly RecordedEvent<Event>[],
): HistoryEntry[] {
  let state = aggregate.initial();
  return history.map(({ event, meta, version }) => {
    const before = state;
    state = aggregate.evolve(state, event);
    return {
      version: version + state.raisedBy,
      type: event.type,
      at: new Date(meta.atMs).toISOString(),
      actor: meta.actor,
      reason: meta.reason || (shown.reason?.(event) ?? ''),
      requestId: meta.requestId,
      difference: withHidden(differences(shown, before, state), shown.hidden?.(event, before, state) ?? []),
    };
  });
}

/** A field whose visible part differs too is told once. */
function withHidden(visible: HistoryEntry['difference'], hidden: HistoryEntry['difference']): HistoryEntry['difference'] {
  const told = new Set(visible.map(({ field }) => field));
  return [...visible, ...hidden.filter(({ field }) => !told.has(field))];
}

/** Says nothing of its own about the thing. */
const BOOKKEEPING = new Set(['version', 'updatedAt', 'createdAt']);

function differences<State extends AggregateState>(shown: Pick<HistoryShown<State, never>, 'view'>, before: State, after: State): HistoryEntry['difference'] {
  const left = fieldsOf(shown, before);
  const right = fieldsOf(shown, after);
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((field) => !BOOKKEEPING.has(field) && JSON.stringify(left[field]) !== JSON.stringify(right[field]))
    .map((field) => ({ field, before: left[field] ?? null, after: right[field] ?? null }));
}

function fieldsOf<State extends AggregateState>(shown: Pick<HistoryShown<State, never>, 'view'>, state: State): Record<string, unknown> {
  return state.status === 'live' ? (shown.view(state) as Record<string, unknown>) : {};
}
