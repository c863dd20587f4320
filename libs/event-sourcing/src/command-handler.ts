import { isAppError } from '@hooklane/kernel';
import { fold, type Decider, type DomainEvent } from './decider.js';
import { StreamLines } from './stream-lines.js';
import type { Append, EventMeta, EventStore, RecordedEvent } from './event-store.js';

export interface Handled<State, Event extends DomainEvent> {
  readonly state: State;
  /** The stream's version after the command. */
  readonly version: number;
  /** What the command appended; empty when it changed nothing. */
  readonly appended: readonly RecordedEvent<Event>[];
  /** Everything that ever happened to the aggregate, the appended events last. */
  readonly history: readonly RecordedEvent<Event>[];
}

export interface HandleOptions<State, Event extends DomainEvent, Transaction> {
  readonly meta: EventMeta;
  /** Written in the transaction of the append; also runs when the command changed nothing. */
  within?(transaction: Transaction, handled: Handled<State, Event>): Promise<void>;
}

/** Attempts until a conflict is the caller's. Somebody wins every round, so this many others have to want the same stream at once. */
const ATTEMPTS = 20;

/** Load, decide, append; again from the beginning when somebody else was faster. Commands for one stream go one after the other within it. */
export class CommandHandler<State, Command, Event extends DomainEvent, Transaction> {
  private readonly lines: StreamLines;

  /** @param lines shared by handlers of the same store: then only other processes conflict */
  constructor(
    private readonly store: EventStore<Transaction>,
    private readonly decider: Decider<State, Command, Event>,
    lines: StreamLines = new StreamLines(),
  ) {
    this.lines = lines;
  }

  /** @param commandFor makes the command from the state as it is; called once for each try, so it may check versions and seal secrets. */
  handle(streamId: string, commandFor: (state: State, version: number) => Command, options: HandleOptions<State, Event, Transaction>): Promise<Handled<State, Event>> {
    return this.lines.after(streamId, () => this.untilWon(streamId, commandFor, options));
  }

  private async untilWon(streamId: string, commandFor: (state: State, version: number) => Command, options: HandleOptions<State, Event, Transaction>): Promise<Handled<State, Event>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.tryOnce(streamId, commandFor, options);
      } catch (error) {
        if (!isAppError(error, 'conflicting-change') || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async tryOnce(streamId: string, commandFor: (state: State, version: number) => Command, options: HandleOptions<State, Event, Transaction>): Promise<Handled<State, Event>> {
    const history = await this.store.readStream<Event>(streamId);
    const expectedVersion = history.at(-1)?.version ?? 0;
    const before = fold(this.decider, history.map(({ event }) => event));
    const events = this.decider.decide(commandFor(before, expectedVersion), before);
    const state = events.reduce((current, event) => this.decider.evolve(current, event), before);
    const result = (appended: readonly RecordedEvent<Event>[]): Handled<State, Event> => ({
      state,
      version: expectedVersion + events.length,
      appended,
      history: [...history, ...appended],
    });
    if (events.length === 0 && !options.within) return result([]);
    const append: Append<Event, Transaction> = { streamId, expectedVersion, events, meta: options.meta };
    const { within } = options;
    return result(await this.store.append(within ? { ...append, within: (transaction, recorded) => within(transaction, result(recorded)) } : append));
  }
}
