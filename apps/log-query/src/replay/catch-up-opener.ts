import { Topics, type CatchUpOpened, type LaneCommand } from '@hooklane/contracts/topics';
import type { Clock } from '@hooklane/kernel';
import type { Tenants } from '../ports.js';
import { keptFromMs } from '../query/retention.js';
import type { CatchUpBook } from './replay-ports.js';
import { catchUpId, PLATFORM_ACTOR, type ReadGoal } from './replay.js';

/** A record of delivery.outcomes that answers begin-catch-up. */
export interface OpenedCatchUp {
  readonly tenantId: string;
  readonly hookId: string;
  /** Of the outcome, and of the command. */
  readonly partition: number;
  readonly outcomeOffset: number;
  readonly opened: CatchUpOpened;
}

export interface CatchUpOpenerParts {
  readonly book: CatchUpBook;
  readonly tenants: Tenants;
  readonly clock: Clock;
  /** Of the topic events.accepted, as it stands in the streams of its partitions; undefined: not known. */
  lineageId(): string | undefined;
}

/** A lane is ready for what its hook has missed: from here on that is a replay, made once however often the record is read. */
export class CatchUpOpener {
  constructor(private readonly parts: CatchUpOpenerParts) {}

  /** @returns whether it is a new one */
  open(catchUp: OpenedCatchUp): Promise<boolean> {
    const { book, clock, tenants } = this.parts;
    const { tenantId, hookId, partition, opened } = catchUp;
    const nowMs = clock.nowMs();
    const keptFrom = keptFromMs(nowMs, tenants.retentionDays(tenantId));
    return book.create({
      replayId: catchUpId(hookId, opened.epoch),
      tenantId,
      kind: 'catch-up',
      created: { atMs: nowMs, by: PLATFORM_ACTOR, reason: 'The hook was enabled with what it had missed.' },
      selection: { hookIds: [hookId], fromMs: Math.ceil(keptFrom), toMs: Number.MAX_SAFE_INTEGER, types: null, projects: null, fates: ['skipped'], onlyLatest: true },
      catchUp: { hookId, epoch: opened.epoch, partition, commandOffset: opened.commandOffset },
      ratePerSecond: null,
      goals: this.goalsOf(catchUp),
      expiredBeforeMs: Math.ceil(keptFrom),
    });
  }

  /**
   * A person does not wait for the rest: the lane has gone on, and would skip what is made from here on.
   * @param offset of the command: it ends what was begun before it
   * @returns whether there was something to end
   */
  release({ tenantId, hookId, actor, reason }: LaneCommand, offset: number): Promise<boolean> {
    const why = `The lane was released${reason === '' ? '.' : `: ${reason}`}`;
    return this.parts.book.cancelCatchUps(tenantId, hookId, offset, { atMs: this.parts.clock.nowMs(), by: actor, reason: why });
  }

  /** What was skipped must be known as skipped, and the bytes of its events must be there. */
  private goalsOf({ partition, outcomeOffset, opened }: OpenedCatchUp): readonly ReadGoal[] {
    const prefix = `${this.parts.lineageId() ?? ''}/`;
    const events = Object.entries(opened.positions).filter(([stream]) => stream.startsWith(prefix));
    return [
      { topic: Topics.deliveriesRequested, partition, next: opened.commandOffset + 1 },
      { topic: Topics.deliveryOutcomes, partition, next: outcomeOffset + 1 },
      ...events.map(([stream, position]) => ({ topic: Topics.eventsAccepted, partition: Number(stream.slice(prefix.length)), next: position + 1 })),
    ];
  }
}
