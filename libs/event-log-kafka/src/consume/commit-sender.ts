import type { CommittedPosition } from '@hooklane/event-log';
import { AppError } from '@hooklane/kernel';
import { pause, within } from '../cluster/pause.js';

const TRY_FOR_MS = 10_000;
const RETRY_PAUSE_MS = 200;

/**
 * One commit under way at a time; what comes meanwhile is the next one, with the newest position of each partition.
 * A commit that was given up may still arrive, so nothing is sent behind it before it has ended: positions never go back.
 */
export class CommitSender {
  private readonly waiting = new Map<string, CommittedPosition>();
  private underWay: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;
  private lastRequest: Promise<void> = Promise.resolve();

  constructor(
    private readonly send: (positions: readonly CommittedPosition[]) => Promise<void>,
    private readonly isOwned: (position: CommittedPosition) => boolean,
    private readonly closed: AbortSignal,
  ) {}

  /** @throws AppError log-unavailable when the coordinator has not taken it within 10 s. */
  commit(positions: readonly CommittedPosition[]): Promise<void> {
    for (const position of positions) this.waiting.set(`${position.partition}/${position.topic}`, position);
    this.next ??= this.underWay
      .catch(() => undefined)
      .then(() => {
        this.underWay = this.next ?? Promise.resolve();
        this.next = null;
        return this.sendWaiting();
      });
    return this.next;
  }

  /** Resolves when what was asked for so far is stored, or given up. */
  async flush(): Promise<void> {
    await (this.next ?? this.underWay).catch(() => undefined);
  }

  private async sendWaiting(): Promise<void> {
    const until = performance.now() + TRY_FOR_MS;
    const taken = [...this.waiting.values()];
    this.waiting.clear();
    for (;;) {
      const owned = taken.filter(this.isOwned);
      if (owned.length === 0) return;
      try {
        await within(Math.max(1, until - performance.now()), this.lastRequest.catch(() => undefined), 'an earlier commit');
        this.lastRequest = this.send(owned);
        this.lastRequest.catch(() => undefined);
        return await within(Math.max(1, until - performance.now()), this.lastRequest, 'a commit');
      } catch (error) {
        // Nobody owns anything here any more, so there is nothing to store.
        if (this.closed.aborted) return;
        if (performance.now() >= until) {
          throw new AppError('log-unavailable', 'the positions could not be stored', { retryable: true, cause: error });
        }
        await pause(RETRY_PAUSE_MS, this.closed);
      }
    }
  }
}
