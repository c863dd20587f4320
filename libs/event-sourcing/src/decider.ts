/** Something that happened to one aggregate: a past participle and its facts, as plain JSON. */
export interface DomainEvent {
  readonly type: string;
  readonly data: object;
}

/**
 * One aggregate as two pure functions. Time, ids, randomness and sealed secrets are parts of the command:
 * the same command on the same state gives the same events.
 */
export interface Decider<State, Command, Event extends DomainEvent> {
  initial(): State;
  /** @throws AppError when the state does not allow the command; returns no event when there is nothing to change. */
  decide(command: Command, state: State): readonly Event[];
  /** Never fails: what was decided has happened. Events of kinds it no longer knows leave the state as it is. */
  evolve(state: State, event: Event): State;
}

export function fold<State, Event extends DomainEvent>(decider: Pick<Decider<State, never, Event>, 'initial' | 'evolve'>, events: Iterable<Event>): State {
  let state = decider.initial();
  for (const event of events) state = decider.evolve(state, event);
  return state;
}
