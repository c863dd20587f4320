import { CommandHandler, StreamLines, type DomainEvent, type EventStore, type Handled } from '@hooklane/event-sourcing';
import type { Relay } from '@hooklane/event-sourcing/postgres';
import { AppError, isAppError } from '@hooklane/kernel';
import type { EntityManager } from 'typeorm';
import type { AggregateState, Answer, Change, Changes } from '../ports.js';
import { streamIdOf } from '../stream-id.js';
import type { IdempotentAnswers } from './idempotent-answers.js';

export interface EventSourcedChangesOptions {
  readonly store: EventStore<EntityManager>;
  readonly answers: IdempotentAnswers;
  readonly relay: Pick<Relay, 'published'>;
  /** How long an answer waits for the log, in milliseconds. */
  readonly effectTimeoutMs: number;
}

interface Done<Body> {
  readonly id: string;
  readonly answer: Answer<Body>;
  /** Of the newest event that the answer speaks of; 0: none. */
  readonly eventId: number;
}

export class EventSourcedChanges implements Changes {
  private readonly lines = new StreamLines();

  constructor(private readonly options: EventSourcedChangesOptions) {}

  async execute<State extends AggregateState, Command extends { readonly kind: string }, Event extends DomainEvent, Body>(change: Change<State, Command, Event, Body>): Promise<Answer<Body>> {
    const done = (await this.remembered<Body>(change)) ?? (await this.prepareAndPerform(change));
    // Also for a repeat, and for a change that changed nothing: what it speaks of may not be in effect yet (promise 10).
    if (await this.options.relay.published(done.eventId, this.options.effectTimeoutMs)) return done.answer;
    throw new AppError('change-not-yet-effective', `${change.aggregate.kind} ${done.id} is stored at version ${done.answer.version}, but the log has not taken it.`, {
      publicMessage: 'The change is stored and will take effect as soon as the event log can be written.',
      retryable: true,
      retryAfterMs: 1_000,
      details: { id: done.id, version: done.answer.version },
    });
  }

  async record<State extends AggregateState, Command extends { readonly kind: string }, Event extends DomainEvent, Body>(change: Change<State, Command, Event, Body>): Promise<Answer<Body>> {
    return (await this.perform(change)).answer;
  }

  private async prepareAndPerform<State extends AggregateState, Command extends { readonly kind: string }, Event extends DomainEvent, Body>(change: Change<State, Command, Event, Body>): Promise<Done<Body>> {
    await change.before?.();
    return this.perform(change);
  }

  private async remembered<Body>({ request }: { request: Change<never, never, never, Body>['request'] }): Promise<Done<Body> | null> {
    return (await this.options.answers.find(request)) as Done<Body> | null;
  }

  private async perform<State extends AggregateState, Command extends { readonly kind: string }, Event extends DomainEvent, Body>(change: Change<State, Command, Event, Body>): Promise<Done<Body>> {
    const { aggregate, id, request } = change;
    const handler = new CommandHandler<State, Command, Event, EntityManager>(this.options.store, aggregate, this.lines);
    const streamId = streamIdOf({ kind: aggregate.kind, tenantId: request.tenantId, id });
    const commandFor = (state: State, version: number): Command => {
      assertVersion(request.ifMatch, state, version + state.raisedBy);
      return change.command(state, version + state.raisedBy);
    };
    const doneFor = (handled: Handled<State, Event>): Done<Body> => ({
      id,
      answer: change.answer({ ...handled, version: handled.version + handled.state.raisedBy }),
      eventId: handled.history.at(-1)?.id ?? 0,
    });
    try {
      const handled = await handler.handle(streamId, commandFor, {
        meta: request.meta,
        ...(request.idempotencyKey === null ? {} : { within: (manager: EntityManager, handledNow: Handled<State, Event>) => this.options.answers.remember(manager, request, doneFor(handledNow)) }),
      });
      return doneFor(handled);
    } catch (error) {
      const first = isAppError(error, 'answer-taken') ? await this.remembered<Body>(change) : null;
      if (first) return first;
      throw error;
    }
  }
}

/** Something that is not there has no version to match; its decider says `not-found`. */
function assertVersion(ifMatch: readonly number[] | null, state: AggregateState, version: number): void {
  if (ifMatch === null || state.status !== 'live' || ifMatch.includes(version)) return;
  throw new AppError('version-mismatch', `It is at version ${version}.`, { details: { version } });
}
