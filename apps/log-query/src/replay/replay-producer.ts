import { Topics } from '@hooklane/contracts/topics';
import type { EventLog } from '@hooklane/event-log';
import type { Clock } from '@hooklane/kernel';
import type { SourceMark } from '@hooklane/routing';
import type { Tenants } from '../ports.js';
import { keptFromMs } from '../query/retention.js';
import { replayRecords } from './replay-records.js';
import type { ItemResult, LoadedItem, ReplayStreams, Selections, StreamLease } from './replay-ports.js';
import type { ReadGoal, Replay } from './replay.js';
import { higherMark, isAtOrBelow, markAmong, replayStream } from './source-marks.js';

export interface ReplayProducerParts {
  readonly streams: ReplayStreams;
  readonly selections: Pick<Selections, 'unread'>;
  readonly log: Pick<EventLog, 'append' | 'read' | 'bounds' | 'soleWriter'>;
  readonly tenants: Tenants;
  readonly clock: Clock;
  /** Of this process. */
  readonly owner: string;
}

/** What a turn did: whether it made something, and when the next one is worth while, in milliseconds; null: when something new is selected. */
export interface Turn {
  readonly made: number;
  readonly nextInMs: number | null;
}

interface OwnedStream {
  readonly lease: StreamLease;
  /** The highest place of the stream that the log is known to hold. */
  mark: SourceMark;
  turns: number;
  /** Events that are not there may not have been read yet: until log-query has come this far. */
  missing: readonly ReadGoal[] | null;
}

const AGAIN_MS = 250;
const LOST_MS = 2_000;

/**
 * Appends what replays have selected, one partition's stream at a time: number some, append them in the order of their numbers, take them off the list.
 * Numbers are committed before anything is appended, and no further ones are given before all of the last step stand in the log. So whatever
 * a process that died, or that was thought dead, appends once more is at or below what the log holds by then, and the fold drops it (ADR 0004).
 */
export class ReplayProducer {
  private readonly owned = new Map<number, OwnedStream>();

  constructor(private readonly parts: ReplayProducerParts) {}

  /** @param replays that have something for this partition; each has its turn first in its turn */
  async turn(partition: number, replays: readonly Pick<Replay, 'replayId' | 'ratePerSecond'>[]): Promise<Turn> {
    const stream = await this.own(partition);
    if (!stream) return { made: 0, nextInMs: LOST_MS };
    const finished = await this.finish(partition, stream);
    if (finished !== 'done') return { made: 0, nextInMs: AGAIN_MS };
    stream.turns += 1;
    let nextInMs: number | null = null;
    for (let index = 0; index < replays.length; index += 1) {
      const replay = replays[(stream.turns + index) % replays.length] as Replay;
      const numbered = await this.parts.streams.number(stream.lease, this.parts.owner, replay, stream.mark);
      if (numbered.kind === 'numbered') {
        const then = await this.finish(partition, stream);
        return { made: numbered.count, nextInMs: then === 'done' ? 0 : AGAIN_MS };
      }
      if (numbered.kind === 'lost') this.owned.delete(partition);
      if (numbered.kind !== 'not-now') return { made: 0, nextInMs: AGAIN_MS };
      if (numbered.inMs !== null) nextInMs = Math.min(nextInMs ?? Number.POSITIVE_INFINITY, numbered.inMs);
    }
    return { made: 0, nextInMs };
  }

  /** Also after the lease has been another process's meanwhile: what it appended is looked up in the log. */
  private async own(partition: number): Promise<OwnedStream | null> {
    const { streams, log, owner } = this.parts;
    const known = this.owned.get(partition);
    // The one writer of the log finds only what a process that is gone has left.
    const lease = await streams.lease(partition, owner, log.soleWriter === true);
    if (!lease) {
      this.owned.delete(partition);
      return null;
    }
    if (known && known.lease.epoch === lease.epoch) return known;
    const stream = { lease, mark: await this.markInLog(partition), turns: 0, missing: null };
    this.owned.set(partition, stream);
    return stream;
  }

  private async markInLog(partition: number): Promise<SourceMark> {
    const { streams, log } = this.parts;
    const name = replayStream(partition);
    const folded = await streams.folded(partition, name);
    const { first, next } = (await log.bounds(Topics.deliveriesRequested))[partition] ?? { first: 0, next: 0 };
    let mark = folded.mark;
    for await (const records of log.read({ topic: Topics.deliveriesRequested, partition, from: Math.max(folded.next, first), to: next })) mark = higherMark(mark, markAmong(records, name));
    return mark;
  }

  /** Makes everything that has its number. */
  private async finish(partition: number, stream: OwnedStream): Promise<'done' | 'waits'> {
    for (;;) {
      const items = await this.parts.streams.numbered(partition);
      if (items.length === 0) return 'done';
      if (!(await this.areEventsThere(items, stream))) return 'waits';
      await this.make(partition, stream, items);
    }
  }

  private async make(partition: number, stream: OwnedStream, items: readonly LoadedItem[]): Promise<void> {
    const { streams, log } = this.parts;
    const settled = items.map((item) => ({ ...item, event: null, result: resultOf(item) }));
    const wanted = items.flatMap((item) => (item.event !== null && resultOf(item) === 'produced' && !isAtOrBelow(item, stream.mark) ? [{ item, event: item.event }] : []));
    for (const { records, items: appended } of replayRecords(partition, wanted)) {
      await log.append(records);
      const last = appended.at(-1);
      if (last) stream.mark = { position: last.position, hookId: last.hookId };
    }
    await streams.settle(partition, settled);
  }

  /** Retention removes events; but while the read models are being built, one that is not there may only not have been read yet. */
  private async areEventsThere(items: readonly LoadedItem[], stream: OwnedStream): Promise<boolean> {
    const { clock, tenants, selections, log } = this.parts;
    const isMissing = ({ event, acceptedAtMs, tenantId }: LoadedItem): boolean => event === null && acceptedAtMs >= keptFromMs(clock.nowMs(), tenants.retentionDays(tenantId));
    if (!items.some(isMissing)) {
      stream.missing = null;
      return true;
    }
    stream.missing ??= (await log.bounds(Topics.eventsAccepted)).map(({ next }, partition) => ({ topic: Topics.eventsAccepted, partition, next }));
    return (await selections.unread(stream.missing)).length === 0;
  }
}

function resultOf({ event, isPending }: LoadedItem): ItemResult {
  if (event === null) return 'expired';
  return isPending ? 'already-pending' : 'produced';
}
