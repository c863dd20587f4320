import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { InboundLog } from './inbound/inbound-log.js';

export const INBOUND_LOG = Symbol('event-ingest inbound log');

const EVERY_MS = 5_000;

/** Says every few seconds how many refused calls were not kept. */
@Injectable()
export class InboundKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;

  constructor(@Inject(INBOUND_LOG) private readonly log: InboundLog) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.log.sayNotKept(), EVERY_MS).unref();
  }

  beforeApplicationShutdown(): void {
    if (this.timer) clearInterval(this.timer);
    this.log.sayNotKept();
  }
}
