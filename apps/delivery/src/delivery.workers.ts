import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { WorkerHealth } from '@hooklane/service-host';
import type { Logger } from '@hooklane/telemetry';
import type { HookTable, HttpSender } from './ports.js';
import type { LaneOwner } from './owner/lane-owner.js';
import type { PartitionKeeper } from './owner/partition-keeper.js';

export interface DeliveryWorkersOptions {
  readonly owner: LaneOwner;
  readonly keeper: PartitionKeeper;
  readonly hooks: HookTable;
  readonly sender: HttpSender;
  readonly health: WorkerHealth;
  readonly logger: Logger;
  readonly shutdownMs: number;
}

const TICK_MS = 100;
const FOLLOW_MS = 100;
const FLUSH_MS = 250;
const SWEEP_MS = 1_000;
/** After the budget: for outcomes of what was broken off. */
const ENDING_MS = 2_000;

/** The clockwork of the lanes, and their orderly end. */
export class DeliveryWorkers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timers: NodeJS.Timeout[] = [];
  private alarm: { readonly atMs: number; readonly timer: NodeJS.Timeout } | null = null;
  private unlisten: () => void = () => undefined;

  constructor(private readonly options: DeliveryWorkersOptions) {}

  onApplicationBootstrap(): void {
    const { owner, keeper, hooks, health } = this.options;
    this.unlisten = hooks.onHookChanged((hook) => owner.hookChanged(hook));
    this.timers = [
      // Breaks off requests of an old lease. After a standstill answers to them lie unread, and a failure that was not counted would be one more than the limit.
      setInterval(() => setImmediate(() => owner.tick()), TICK_MS),
      setInterval(() => void owner.elsewhere.follow(), FOLLOW_MS),
      setInterval(() => void keeper.flush(), FLUSH_MS),
      setInterval(() => owner.sweep(), SWEEP_MS),
    ];
    owner.alarm = (inMs) => this.wakeIn(inMs);
    health.ready();
  }

  /** One timer for all lanes: the earliest counts, and whoever it wakes says when the next is due. */
  private wakeIn(inMs: number): void {
    const atMs = performance.now() + inMs;
    if (this.alarm !== null) {
      if (this.alarm.atMs <= atMs) return;
      clearTimeout(this.alarm.timer);
    }
    // A timer takes whole milliseconds and cuts the rest off.
    const timer = setTimeout(() => {
      this.alarm = null;
      this.options.owner.advanceSoon();
    }, Math.ceil(inMs));
    this.alarm = { atMs, timer };
  }

  /** Nothing starts; progress is written and leases are let go; requests under way get the budget, then they are broken off; their outcomes are acked. */
  async beforeApplicationShutdown(): Promise<void> {
    const { owner, keeper, sender, logger, shutdownMs } = this.options;
    owner.isStopping = true;
    // First of all: other instances need not wait for our requests.
    await keeper.releaseAll();
    const endMs = performance.now() + shutdownMs;
    while (owner.requestsInFlight > 0 && performance.now() < endMs) await pause(10);
    if (owner.requestsInFlight > 0) logger.warn('requests were broken off at shutdown', { count: owner.requestsInFlight });
    owner.interruptAll();
    await this.untilWritten();
    for (const timer of this.timers) clearInterval(timer);
    owner.alarm = () => undefined;
    clearTimeout(this.alarm?.timer);
    this.unlisten();
    await sender.close();
  }

  private async untilWritten(): Promise<void> {
    const { owner } = this.options;
    const endMs = performance.now() + ENDING_MS;
    while (performance.now() < endMs && !owner.records.isIdle) await pause(10);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
