import { isAppError } from '@hooklane/kernel';
import { fold, type Decider, type DomainEvent } from '../decider.js';

export interface GivenEvents<State, Command, Event extends DomainEvent> {
  when(command: Command): Outcome<State, Event>;
  readonly state: State;
}

export interface Outcome<State, Event extends DomainEvent> {
  /** What was decided; throws what `decide` threw. */
  readonly events: readonly Event[];
  /** The state after them. */
  readonly state: State;
  /** The stable code of the AppError that `decide` threw; null when it decided. */
  readonly refusal: string | null;
}

/** `given(decider, [events]).when(command).events` for specs of deciders. */
export function given<State, Command, Event extends DomainEvent>(decider: Decider<State, Command, Event>, events: readonly Event[] = []): GivenEvents<State, Command, Event> {
  const state = fold(decider, events);
  return { state, when: (command) => outcomeOf(decider, command, state) };
}

function outcomeOf<State, Command, Event extends DomainEvent>(decider: Decider<State, Command, Event>, command: Command, before: State): Outcome<State, Event> {
  try {
    const events = decider.decide(command, before);
    return { events, state: events.reduce((state, event) => decider.evolve(state, event), before), refusal: null };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return {
      refusal: error.code,
      state: before,
      get events(): never {
        throw error;
      },
    };
  }
}
