import { Topics, type HookChanged } from '@hooklane/contracts/topics';
import type { EventLog } from '@hooklane/event-log';
import { toAppError, type Clock } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';
import type { ReplayArchive, ReplayBook, ReplayEnds, ReplayWork } from './replay-ports.js';
import type { ReplayProducer } from './replay-producer.js';
import { endOfCatchUp } from './replay-records.js';
import type { ReplaySelector } from './replay-selector.js';
import { NO_FATES, PLATFORM_ACTOR, type Replay, type ReplayChangeNote, type ReplayState } from './replay.js';

export interface ReplayWorkerParts {
  readonly book: ReplayBook & ReplayWork & ReplayEnds & ReplayArchive;
  readonly selector: ReplaySelector;
  readonly producer: ReplayProducer;
  readonly hooks: { hook(hookId: string): HookChanged | undefined; hookVersion(hookId: string): number };
  readonly log: Pick<EventLog, 'append' | 'partitionsOf'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long what has ended is kept: longer than the log holds the records that opened catch-ups, or one that is read again would be made again. */
  readonly keptMs: number;
  /** Whether what failed may succeed by itself: something is away. */
  passes(error: unknown): boolean;
}

/** While there are replays; else it looks for those of other instances. */
const OPEN_MS = 250;
const IDLE_MS = 2_000;
const SETTLE_EVERY_MS = 5_000;
const REMOVE_EVERY_MS = 3_600_000;
/** A selection gives way to the other replays after so many steps. */
const STEPS_A_ROUND = 10;
/** So often in a row a selection may fail for no reason that passes by itself. */
const FAILURES = 10;

/** Brings replays forward, a round at a time. Any number of processes may do this at once: each step is decided by what the database says. */
export class ReplayWorker {
  private readonly failures = new Map<string, number>();
  private settledAtMs = Number.NEGATIVE_INFINITY;
  private removedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: ReplayWorkerParts) {}

  /** @returns when the next round is due, in milliseconds. Rejects when the database or the log is away: then a round later goes on. */
  async round(): Promise<number> {
    const { book, log, clock } = this.parts;
    const open = await book.open();
    let nextInMs = open.length > 0 ? OPEN_MS : IDLE_MS;
    for (const replay of open) if (await this.advance(replay)) nextInMs = 0;
    if (open.length > 0) nextInMs = Math.min(nextInMs, await this.produce(open, log.partitionsOf(Topics.deliveriesRequested)));
    if (clock.monotonicMs() - this.settledAtMs >= SETTLE_EVERY_MS) {
      this.settledAtMs = clock.monotonicMs();
      await this.keepFates();
    }
    if (clock.monotonicMs() - this.removedAtMs >= REMOVE_EVERY_MS) {
      this.removedAtMs = clock.monotonicMs();
      await book.removeBefore(clock.nowMs() - this.parts.keptMs);
    }
    return nextInMs;
  }

  /** @returns whether it could go on at once */
  private async advance(replay: Replay): Promise<boolean> {
    if (await this.isAbandoned(replay)) return true;
    switch (replay.state) {
      case 'selecting': return this.select(replay);
      case 'running': return this.finish(replay, 'done', ['running']);
      case 'cancelled':
      case 'failed': return this.finish(replay, replay.state, [replay.state]);
      default: return false;
    }
  }

  private async select(replay: Replay): Promise<boolean> {
    const { selector, book } = this.parts;
    try {
      for (let steps = 0; steps < STEPS_A_ROUND; steps += 1) {
        const step = await selector.step(replay);
        this.failures.delete(replay.replayId);
        if (step.kind === 'waits') await book.note(replay.replayId, step.sentence);
        if (step.kind !== 'moved') return step.kind === 'selected';
      }
      return true;
    } catch (error) {
      await this.failed(replay, error);
      return false;
    }
  }

  /** What passes by itself is tried again; a selection that can never succeed ends, with its reason, instead of holding a lane for ever. */
  private async failed({ replayId }: Replay, error: unknown): Promise<void> {
    const { book, logger, passes } = this.parts;
    if (passes(error)) throw error;
    const { message } = toAppError(error);
    const failures = (this.failures.get(replayId) ?? 0) + 1;
    this.failures.set(replayId, failures);
    logger.warn('a replay could not be selected', { replayId, failures, error: message });
    if (failures >= FAILURES) await book.change(replayId, ['selecting'], 'failed', this.note('It could not be selected; the log of the service says why.'));
  }

  private async finish(replay: Replay, state: ReplayState, from: readonly ReplayState[]): Promise<boolean> {
    const { book, log, clock } = this.parts;
    if (state !== 'done' && (await book.drop(replay.replayId)) > 0) return true;
    if (!(await book.isEmpty(replay.replayId))) return false;
    const reason = state === 'done' ? '' : replay.changed.reason;
    if (replay.catchUp) await log.append([endOfCatchUp(replay.tenantId, replay.catchUp, `${replay.replayId} is ${state}${reason === '' ? '' : `: ${reason}`}`, clock.nowMs())]);
    return book.close(replay.replayId, from, state, this.note(''));
  }

  /** A hook that is disabled again, or gone, gets no more of a catch-up: what it made would be skipped; the next enabling asks for all of it. */
  private async isAbandoned({ replayId, catchUp, state }: Replay): Promise<boolean> {
    if (catchUp === null || (state !== 'selecting' && state !== 'running' && state !== 'paused')) return false;
    const { hooks, book } = this.parts;
    const hook = hooks.hook(catchUp.hookId);
    const isGone = hook === undefined && hooks.hookVersion(catchUp.hookId) > 0;
    const isDisabled = hook !== undefined && (hook.enabledEpoch > catchUp.epoch || (hook.enabledEpoch === catchUp.epoch && !hook.enabled));
    if (!isGone && !isDisabled) return false;
    return book.change(replayId, ['selecting', 'running', 'paused'], 'cancelled', this.note(isGone ? 'The hook was deleted.' : 'The hook was disabled again.'));
  }

  private async produce(open: readonly Replay[], partitions: number): Promise<number> {
    const { book, producer } = this.parts;
    const replays = new Map(open.map((replay) => [replay.replayId, replay]));
    const work = new Map<number, Replay[]>();
    for (const { partition, replayId } of await book.partitions(partitions)) {
      const waiting = work.get(partition) ?? [];
      const replay = replayId === null ? undefined : replays.get(replayId);
      work.set(partition, replay ? [...waiting, replay] : waiting);
    }
    let nextInMs = OPEN_MS;
    for (const [partition, waiting] of work) {
      const turnInMs = await this.turn(producer, partition, waiting);
      if (turnInMs !== null) nextInMs = Math.min(nextInMs, turnInMs);
    }
    return nextInMs;
  }

  /** What keeps one partition's stream back keeps no other one back. */
  private async turn(producer: ReplayProducer, partition: number, waiting: readonly Replay[]): Promise<number | null> {
    const { passes, logger } = this.parts;
    try {
      return (await producer.turn(partition, waiting)).nextInMs;
    } catch (error) {
      if (passes(error)) throw error;
      logger.error('replays of a partition could not be made; tried again', { partition, error: toAppError(error).message });
      return OPEN_MS;
    }
  }

  /** The answers of replays outlive the deliveries that retention removes. */
  private async keepFates(): Promise<void> {
    const { book } = this.parts;
    const ended = await book.unsettled();
    const fates = await book.fates(ended);
    for (const { replayId, counts } of ended) {
      const counted = fates.get(replayId) ?? NO_FATES;
      const all = counted.delivered + counted.exhausted + counted.discarded + counted.skipped;
      // Fewer: some have not been read yet.
      if (counted.pending === 0 && all >= counts.produced) await book.keepFates(replayId, counted);
    }
  }

  private note(reason: string): ReplayChangeNote {
    return { atMs: this.parts.clock.nowMs(), by: PLATFORM_ACTOR, reason };
  }
}
