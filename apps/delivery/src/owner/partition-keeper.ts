import type { HandedBatch, HandlerResult, StartPosition, TopicPartition } from '@hooklane/event-log';
import { Topics } from '@hooklane/contracts/topics';
import type { Clock } from '@hooklane/kernel';
import type { Logger } from '@hooklane/telemetry';
import { leaseAgeMs, START_LIMIT_MS } from '../lanes/lease.js';
import type { LeaseStore, PartitionLease, ReleasedPartition } from '../ports.js';
import type { ProgressSnapshot } from '../lanes/progress.js';
import type { LaneOwner } from './lane-owner.js';
import type { OwnedPartition } from './owned-partition.js';
import { takePartition, type TakerParts } from './partition-taker.js';

export interface KeeperParts extends TakerParts {
  readonly owner: LaneOwner;
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly health: (reason: string) => void;
}

/** A partition that the log gave to this process, whether or not its lease is ours at the moment. */
interface Assignment {
  readonly partition: number;
  owned: OwnedPartition | null;
  ready: Promise<void>;
  /** Where the log's records go on; what lies before it is read again by ourselves after a lease was lost. */
  handedOver: number;
  isRevoked: boolean;
  committedAtMs: number;
}

const RENEW_IDLE_MS = 1_000;
const COMMIT_EVERY_MS = 1_000;
const TAKE_AGAIN_MS = 1_000;
/** As long as a lease that is not renewed is good for anything: who is not let go of in order makes his next owner wait longer. */
const REVOKE_PATIENCE_MS = START_LIMIT_MS;
const RECORD_PAUSE_MS = 5;
const RELEASE_AGAIN_MS = 200;

/** Takes, renews and lets go of partitions, and hands their records to the lane owner. */
export class PartitionKeeper {
  private readonly assignments = new Map<number, Assignment>();
  private readonly taking = new Set<Promise<void>>();
  private isFlushing = false;

  constructor(private readonly parts: KeeperParts) {}

  async assigned(partitions: readonly TopicPartition[]): Promise<readonly StartPosition[]> {
    const taken = partitions.map(({ partition }) => {
      const assignment: Assignment = { partition, owned: null, ready: Promise.resolve(), handedOver: 0, isRevoked: false, committedAtMs: 0 };
      this.assignments.set(partition, assignment);
      return assignment;
    });
    await Promise.all(taken.map((assignment) => this.takeOver(assignment)));
    return taken.map(({ owned, handedOver }) => ({ offset: owned?.readUpTo ?? handedOver }));
  }

  /**
   * Starts nothing more, lets what is being recorded be recorded, which takes milliseconds, and lets go: requests in flight go on, and the next owner knows of them.
   * A partition of which something could not be recorded by then (the log or Postgres is away) is not released: its next owner waits for the lease to run out
   * and counts the unknown attempts as charged.
   */
  async revoked(partitions: readonly TopicPartition[], patienceMs = REVOKE_PATIENCE_MS): Promise<void> {
    const gone: OwnedPartition[] = [];
    for (const { partition } of partitions) {
      const assignment = this.assignments.get(partition);
      if (!assignment) continue;
      assignment.isRevoked = true;
      this.assignments.delete(partition);
      if (assignment.owned) gone.push(assignment.owned);
    }
    const { owner, clock } = this.parts;
    for (const owned of gone) owned.isDraining = true;
    const untilMs = clock.monotonicMs() + patienceMs;
    const released: Promise<void>[] = [];
    for (let left = gone; left.length > 0; left = left.filter(({ isLost }) => !isLost)) {
      const written = left.filter((owned) => !owned.isLost && owner.isWritten(owned));
      if (written.length > 0) released.push(this.release(written));
      else if (clock.monotonicMs() >= untilMs) for (const owned of left) owner.drop(owned);
      else await new Promise((resolve) => setTimeout(resolve, RECORD_PAUSE_MS));
    }
    await Promise.all(released);
  }

  /** Waits while the lease is taken back, and while memory is full. */
  async handle(batch: HandedBatch): Promise<HandlerResult> {
    const assignment = this.assignments.get(batch.partition);
    if (!assignment) return { kind: 'drop', reason: 'the partition was revoked' };
    const { owner } = this.parts;
    while (!assignment.owned && !assignment.isRevoked) await assignment.ready;
    const { owned } = assignment;
    if (!owned) return { kind: 'drop', reason: 'the partition was revoked' };
    const letters = owner.take(owned, batch);
    if (letters.length > 0) return { kind: 'dead-letter', records: letters };
    assignment.handedOver = Math.max(assignment.handedOver, (batch.records.at(-1)?.offset ?? -1) + 1);
    if (owner.isMemoryFull) await owner.roomInMemory();
    return { kind: 'ok', ...this.commitWish(assignment) };
  }

  /** The lease was lost, or the log refused our outcomes: back to the watermark. */
  lost(owned: OwnedPartition): void {
    const assignment = this.assignments.get(owned.partition);
    if (!assignment || assignment.owned !== owned) return;
    assignment.owned = null;
    assignment.ready = this.takeOver(assignment);
  }

  /** Writes the progress of all partitions and renews their leases in one statement; at once where something changed, else once a second. */
  async flush(): Promise<void> {
    if (this.isFlushing) return;
    const { owner, leases, clock, instanceId, time, logger } = this.parts;
    const sent = owner.now();
    const due = [...owner.partitions.values()].filter((owned) => owned.flushedVersion !== owned.progress.version || sent.monotonicMs - owned.flushedAtMs >= RENEW_IDLE_MS);
    if (due.length === 0) return;
    this.isFlushing = true;
    try {
      const versions = due.map((owned) => owned.progress.version);
      const renewed = await leases.renew(instanceId, due.map(progressOf));
      if (renewed.nowMs > 0) time.observe(renewed.nowMs, sent.monotonicMs);
      for (const [index, owned] of due.entries()) {
        // Let go of in the meantime.
        if (owned.isLost) continue;
        if (!renewed.partitions.has(owned.partition)) {
          logger.warn('another owner has the partition', { partition: owned.partition, epoch: owned.epoch });
          owner.lost(owned);
          continue;
        }
        owned.renewed = sent;
        owned.flushedVersion = versions[index] as number;
        owned.flushedAtMs = sent.monotonicMs;
      }
      this.parts.health('');
    } catch (error) {
      this.parts.health(`leases cannot be renewed: ${error instanceof Error ? error.message : String(error)}`);
      logger.warn('leases could not be renewed', { error: error instanceof Error ? error.message : String(error), forMs: Math.round(clock.monotonicMs() - sent.monotonicMs) });
    } finally {
      this.isFlushing = false;
    }
  }

  /** The last flush of this process; what is just being taken is let go of, too. What is in flight goes on. */
  async releaseAll(patienceMs = REVOKE_PATIENCE_MS): Promise<void> {
    await this.revoked([...this.assignments.keys()].map((partition) => ({ topic: Topics.deliveriesRequested, partition })), patienceMs);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([Promise.all(this.taking), new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)))]);
    clearTimeout(timer);
  }

  /** Until Postgres has said so the lease is ours, and requests in flight end with it: they are broken off before anybody else may begin. */
  private async release(clean: readonly OwnedPartition[]): Promise<void> {
    const { leases, instanceId, owner, logger } = this.parts;
    const progress = clean.map(releaseOf);
    const busy = clean.flatMap((owned) => owner.handOver(owned));
    for (;;) {
      try {
        await leases.release(instanceId, progress, busy);
        for (const owned of clean) owned.isReleased = true;
        return;
      } catch (error) {
        logger.warn('partitions could not be released', { partitions: clean.map(({ partition }) => partition), error: error instanceof Error ? error.message : String(error) });
        if (clean.every(({ renewed }) => leaseAgeMs(renewed, owner.now()) >= START_LIMIT_MS)) return;
        await new Promise((resolve) => setTimeout(resolve, RELEASE_AGAIN_MS));
      }
    }
  }

  private takeOver(assignment: Assignment): Promise<void> {
    const taking: Promise<void> = this.takeUntilTaken(assignment).finally(() => this.taking.delete(taking));
    this.taking.add(taking);
    return taking;
  }

  private async takeUntilTaken(assignment: Assignment): Promise<void> {
    const { owner, logger, health } = this.parts;
    while (!assignment.isRevoked) {
      try {
        const taken = await takePartition(this.parts, assignment.partition, () => !assignment.isRevoked);
        if (!taken) continue;
        const { owned, unpublished } = taken;
        if (assignment.isRevoked) return await this.letGo(owned);
        owner.adopt(owned);
        owner.resume(owned, unpublished);
        if (assignment.handedOver > owned.readUpTo) await this.readAgain(owned, assignment.handedOver);
        assignment.handedOver = Math.max(assignment.handedOver, owned.readUpTo);
        assignment.owned = owned;
        if (owned.isLost) this.lost(owned);
        health('');
        return;
      } catch (error) {
        if (assignment.isRevoked) return;
        health(`partition ${assignment.partition} cannot be taken: ${error instanceof Error ? error.message : String(error)}`);
        logger.warn('a partition could not be taken', { partition: assignment.partition, error: error instanceof Error ? error.message : String(error) });
        await new Promise((resolve) => setTimeout(resolve, TAKE_AGAIN_MS));
      }
    }
  }

  /** Revoked while it was being taken: nothing of it was begun. */
  private async letGo(owned: OwnedPartition): Promise<void> {
    await this.parts.leases.release(this.parts.instanceId, [releaseOf(owned)], []);
  }

  /** What the log has handed over before and will not hand over again. */
  private async readAgain(owned: OwnedPartition, to: number): Promise<void> {
    const { owner, log } = this.parts;
    for await (const records of log.read({ topic: Topics.deliveriesRequested, partition: owned.partition, from: owned.readUpTo, to })) {
      if (owned.isLost) return;
      owner.take(owned, { records, deadLettered: true });
      await owner.roomInMemory();
    }
    owned.readUpTo = Math.max(owned.readUpTo, to);
  }

  /** A hint for lag gauges, so not for every batch. */
  private commitWish(assignment: Assignment): { commit?: { metadata: string } } {
    const nowMs = this.parts.clock.monotonicMs();
    if (nowMs - assignment.committedAtMs < COMMIT_EVERY_MS) return {};
    assignment.committedAtMs = nowMs;
    return { commit: { metadata: '' } };
  }
}

function progressOf(owned: OwnedPartition): PartitionLease & ProgressSnapshot {
  return { partition: owned.partition, epoch: owned.epoch, ...owned.snapshot() };
}

function releaseOf(owned: OwnedPartition): ReleasedPartition {
  return { ...progressOf(owned), suspectBelow: owned.suspicion() };
}
