import type { Rendered } from '@hooklane/dialects';
import type { TargetPolicy } from '@hooklane/routing';
import type { TraceSpan } from '@hooklane/telemetry';
import type { SendResult } from '../attempt/classify.js';
import type { Delivery, Lane } from '../lanes/lane.js';
import type { LaneStanding } from '../lanes/scheduler.js';
import type { InFlight, OutboundRequest, SendTimings, TlsProfile } from '../ports.js';
import type { HookProfile, PreparedTarget } from './hook-profile.js';
import type { OwnedPartition } from './owned-partition.js';

export interface AttemptOwner {
  mayBegin(attempt: AttemptInFlight): boolean;
  attempted(attempt: AttemptInFlight, result: SendResult, timings: SendTimings): void;
}

/** One request of a lane, as the sender sees it and as the lane's owner remembers it. */
export class AttemptInFlight implements OutboundRequest {
  handle: InFlight | null = null;
  readonly origin: string;
  readonly path: string;
  readonly headers: string[];
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly tls: TlsProfile;

  constructor(
    private readonly owner: AttemptOwner,
    readonly owned: OwnedPartition,
    readonly lane: Lane,
    readonly delivery: Delivery,
    readonly number: number,
    readonly profile: HookProfile,
    target: PreparedTarget,
    readonly rendered: Rendered & { readonly ok: true },
    readonly targets: TargetPolicy,
    readonly startedAtMs: number,
    readonly startedMonotonicMs: number,
    readonly startedPostgresMs: number,
    /** Under which the scheduler counts it. */
    public standing: LaneStanding,
    readonly span: TraceSpan | null,
  ) {
    this.origin = target.origin;
    this.path = target.path;
    this.headers = rendered.headers;
    this.body = rendered.body;
    this.timeoutMs = profile.timeoutMs;
    this.connectTimeoutMs = profile.options.connectTimeoutMs;
    this.tls = target.tls;
  }

  mayStart(): boolean {
    return this.owner.mayBegin(this);
  }

  completed(result: SendResult, timings: SendTimings): void {
    this.owner.attempted(this, result, timings);
  }
}
