import { DeliveriesRequested, DeliveryOutcome, EventAccepted, HookChanged, HookSecrets, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord, LogRecord } from '@hooklane/event-log';
import { cryptoRandom } from '@hooklane/kernel';
import { masterKeyFrom, SecretBox } from '@hooklane/secret-box';
import { seededIds, seededRandom, testClock } from '@hooklane/testkit';
import type { SendResult } from '../../src/attempt/classify.js';
import { HookProfiles } from '../../src/owner/hook-profile.js';
import { LaneOwner } from '../../src/owner/lane-owner.js';
import { PartitionKeeper } from '../../src/owner/partition-keeper.js';
import { PostgresTime } from '../../src/owner/postgres-time.js';
import type { HttpSender, LaneRow, LaneRowStore, LeaseStore, OutboundRequest, OutcomeLog, ParkedKey, ParkedRow, ParkingStore } from '../../src/ports.js';
import type { LeaseRow } from '../../src/lanes/lease.js';
import type { ProgressSnapshot } from '../../src/lanes/progress.js';

export type Step =
  | { readonly kind: 'publish' }
  | { readonly kind: 'answer'; readonly nth: number; readonly result: 'success' | 'unavailable' | 'rejected' }
  /** The oldest waiting call of that kind comes back. */
  | { readonly kind: 'return'; readonly what: Waiting['what'] }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'change'; readonly nth: number; readonly to: 'disabled' | 'enabled' | 'edited' }
  | { readonly kind: 'flush' }
  /** `applied`: what was under way happened all the same, and nobody was told. `behind`: the next owner has not read the newest change of each hook, until it asks for it or time passes. */
  | { readonly kind: 'crash'; readonly applied: boolean; readonly behind: boolean };

export interface Settings {
  readonly limit: number;
  readonly count: 'in-a-row' | 'total';
  readonly hooks: number;
  /** False: the first failure of a delivery is its last. */
  readonly retries: boolean;
}

interface Waiting {
  readonly what: 'append' | 'rows' | 'parking' | 'page';
  /** Does it, and returns how its caller is told. */
  readonly happen: () => () => void;
}

interface Sent {
  readonly hookId: string;
  readonly offset: number;
  readonly epoch: number;
  readonly request: OutboundRequest;
}

const TENANT = 'acme';
const box = new SecretBox(masterKeyFrom(Buffer.alloc(32, 5).toString('base64')), cryptoRandom);
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => quiet };
const nothing = { attempt: () => undefined, concluded: () => undefined, leaseLost: () => undefined, read: () => undefined };

/**
 * The real lane owner between a log, a database and receivers that answer when and in the order they are told, and that a crash may cut off with or without their effect.
 * Every request, every committed progress row and the state at rest are checked against the invariants of the design.
 */
export class DeliverySimulation {
  private readonly clock = testClock();
  private readonly hooks = new Map<string, HookChanged>();
  /** What each hook was before its newest change. */
  private readonly formerHooks = new Map<string, HookChanged>();
  /** The living instance's table shows those. */
  private isBehind = false;
  private readonly requests: LogRecord[] = [];
  private readonly outcomes: Buffer[] = [];
  private readonly rows = new Map<string, LaneRow>();
  private readonly parked = new Map<string, ParkedRow>();
  private lease: LeaseRow & { progress: ProgressSnapshot | null } = { partition: 0, owner: null, epoch: 0, expired: true, renewals: 0, progress: null };
  private waiting: Waiting[] = [];
  private inFlight: Sent[] = [];
  private alive: { owner: LaneOwner; keeper: PartitionKeeper; handed: number; isDead: boolean } | null = null;
  private listeners = new Set<(hook: HookChanged) => void>();
  private instances = 0;
  private crashes = 0;
  private readonly firstSent = new Map<string, number>();
  private readonly answered = new Set<string>();
  /** Failing attempts of a hook in an epoch: since its last success, and in all. */
  private readonly failures = new Map<string, number>();
  private broken: Error | null = null;
  readonly story: string[] = [];

  constructor(private readonly settings: Settings) {
    for (let n = 0; n < settings.hooks; n += 1) this.change(`hook_${n}`, {});
  }

  async start(): Promise<void> {
    const { clock } = this;
    const time = new PostgresTime(() => clock.monotonicMs());
    time.observe(clock.nowMs(), clock.monotonicMs());
    const instanceId = `instance-${++this.instances}`;
    const profiles = new HookProfiles({ secretBox: box, userAgent: 'Hooklane/test', targets: { allowLoopback: true, allowedTargets: [] } });
    const seen = (id: string): HookChanged | undefined => (this.isBehind ? this.formerHooks : this.hooks).get(id);
    const table = { hook: seen, hookVersion: (id: string) => seen(id)?.version ?? 0, tenant: () => undefined, onHookChanged: () => () => undefined, caughtUp: () => Promise.resolve(this.catchUp()) };
    const alive = { isDead: false, handed: 0 } as unknown as NonNullable<typeof this.alive>;
    const parts = { log: this.log(alive), hooks: table, leases: this.leases(alive), laneRows: this.laneRows(alive), parking: this.parking(alive), sender: this.sender(alive), profiles, clock, time, instanceId, logger: quiet };
    alive.owner = new LaneOwner({ ...parts, ids: seededIds(), random: seededRandom(), metrics: nothing, slots: { total: 100, unproven: 50 }, traces: null, maxParkedPerHook: 1_000, maxParkedPerTenant: 100_000, memoryBytes: 1e9, lost: (owned) => alive.keeper.lost(owned) });
    // Small limits, so that a few events are enough to overflow.
    Object.assign((alive.owner.machine as unknown as { limits: object }), { limits: { records: 3, bytes: 1e9, recordsWhenShort: 1, oldestMs: 5_000 } });
    alive.keeper = new PartitionKeeper({ ...parts, owner: alive.owner, health: () => undefined });
    const listener = (hook: HookChanged): void => alive.owner.hookChanged(hook);
    this.listeners = new Set([listener]);
    this.alive = alive;
    let isStarted = false;
    const assigned = alive.keeper.assigned([{ topic: Topics.deliveriesRequested, partition: 0 }]).finally(() => (isStarted = true));
    // A take-over may have to wait for Postgres itself.
    for (let round = 0; !isStarted && round < 100; round += 1) {
      await turn();
      if (!isStarted) this.comeBack('parking');
    }
    if (!isStarted) throw this.failure('does not take over');
    const [position] = await assigned;
    alive.handed = (position as { offset: number }).offset;
    await this.feed();
  }

  async step(step: Step): Promise<void> {
    this.story.push(JSON.stringify(step));
    switch (step.kind) {
      case 'publish':
        this.publish();
        break;
      case 'answer':
        this.answer(step.nth, step.result);
        break;
      case 'return':
        this.comeBack(step.what);
        break;
      case 'time':
        this.clock.advance(step.ms);
        this.catchUp();
        await this.alive?.keeper.flush();
        this.alive?.owner.sweep();
        this.alive?.owner.tick();
        break;
      case 'flush':
        await this.alive?.keeper.flush();
        break;
      case 'change':
        this.changeTo(`hook_${step.nth % this.settings.hooks}`, step.to);
        break;
      case 'crash':
        await this.crash(step.applied, step.behind);
        break;
    }
    await this.feed();
    await turn();
    if (this.broken) throw this.broken;
  }

  /** Faults end: everything answers, every hook is enabled. */
  async settleDown(): Promise<void> {
    for (const hookId of this.hooks.keys()) this.changeTo(hookId, 'enabled');
    for (let round = 0; round < 400; round += 1) {
      while (this.inFlight.length > 0) this.answer(0, 'success');
      while (this.waiting.length > 0) this.comeBack((this.waiting[0] as Waiting).what);
      await this.step({ kind: 'time', ms: 200 });
      if (this.isAtRest()) return;
    }
    throw this.failure(`does not come to rest: watermark ${this.lease.progress?.watermark} of ${this.requests.length}, ${this.parked.size} parked, rows ${JSON.stringify([...this.rows.values()].map(({ state }) => state))}`);
  }

  assertAtRest(): void {
    const fates = new Map<string, string[]>();
    for (const bytes of this.outcomes) {
      const outcome = DeliveryOutcome.decode(bytes);
      if (outcome.fate === 'pending') continue;
      const key = `${outcome.requestOffset}/${outcome.hookId}`;
      fates.set(key, [...(fates.get(key) ?? []), outcome.fate]);
    }
    for (const { offset } of this.requests) {
      for (const hookId of this.hooks.keys()) {
        const count = fates.get(`${offset}/${hookId}`)?.length ?? 0;
        if (count === 0) throw this.failure(`${offset}/${hookId} has no fate`);
        if (count > 1 + this.crashes) throw this.failure(`${offset}/${hookId} has ${count} fates after ${this.crashes} crashes`);
      }
    }
  }

  private isAtRest(): boolean {
    const { progress } = this.lease;
    return progress?.watermark === this.requests.length && this.parked.size === 0 && this.inFlight.length === 0 && this.waiting.length === 0 && (this.settings.count === 'total' || this.rows.size === 0);
  }

  // ---- the world ----

  private publish(): void {
    const offset = this.requests.length;
    const event = EventAccepted.encode({ ...EventAccepted.decode(new Uint8Array(0)), tenantId: TENANT, eventId: `evt_${offset}`, type: 't', acceptedAtMs: this.clock.nowMs(), occurredAtMs: this.clock.nowMs(), data: Buffer.from(String(offset)) }).finish();
    const hooks = [...this.hooks.values()].map(({ hookId, version }) => ({ hookId, version }));
    const value = DeliveriesRequested.encode({ kind: { $case: 'request', value: { tenantId: TENANT, eventId: `evt_${offset}`, sourceStream: 's', sourcePosition: offset, hooks, trigger: 'event', replayId: '' } } }).finish();
    this.requests.push({ topic: Topics.deliveriesRequested, partition: 0, offset, timestampMs: 0, key: null, headers: {}, value: Buffer.from(value), attachment: Buffer.from(event) });
  }

  private async feed(): Promise<void> {
    const { alive } = this;
    if (!alive || alive.handed >= this.requests.length) return;
    const records = this.requests.slice(alive.handed);
    alive.handed = this.requests.length;
    await alive.keeper.handle({ topic: Topics.deliveriesRequested, partition: 0, records, endOffset: this.requests.length });
  }

  private change(hookId: string, changes: Partial<HookChanged>): void {
    const before = this.hooks.get(hookId);
    const secrets = HookSecrets.encode({ url: 'http://127.0.0.1:9/', signing: [], basicAuthUser: '', basicAuthPassword: '', headers: [], tlsClientKeyPem: '' }).finish();
    const hook: HookChanged = {
      ...(before ?? {
        ...HookChanged.decode(new Uint8Array(0)),
        hookId, tenantId: TENANT, enabled: true, enabledEpoch: 1, policyVersion: 1, timeoutMs: 1_000,
        retry: { unavailableDelaysMs: this.settings.retries ? [1_000, 2_000] : [], unavailableGiveUpMs: 20_000, rejectedDelaysMs: this.settings.retries ? [1_000] : [], onExhausted: 'skip' },
        disablePolicy: { limit: this.settings.limit, count: this.settings.count },
        sealedSecrets: box.seal(secrets, `hook/${TENANT}/${hookId}`),
      }),
      ...changes,
      version: (before?.version ?? 0) + 1,
    };
    this.catchUp();
    this.formerHooks.set(hookId, before ?? hook);
    this.hooks.set(hookId, hook);
    for (const listener of this.listeners) listener(hook);
  }

  private catchUp(): void {
    if (!this.isBehind) return;
    this.isBehind = false;
    for (const hook of this.hooks.values()) for (const listener of this.listeners) listener(hook);
  }

  private changeTo(hookId: string, to: 'disabled' | 'enabled' | 'edited'): void {
    const hook = this.hooks.get(hookId) as HookChanged;
    if (to === 'disabled') this.change(hookId, { enabled: false });
    else if (to === 'enabled') this.change(hookId, { enabled: true, enabledEpoch: hook.enabledEpoch + 1 });
    else this.change(hookId, {});
  }

  private answer(nth: number, result: 'success' | 'unavailable' | 'rejected'): void {
    const sent = this.inFlight[nth % Math.max(this.inFlight.length, 1)];
    if (!sent) return;
    this.inFlight = this.inFlight.filter((other) => other !== sent);
    const status = { success: 200, unavailable: 503, rejected: 400 }[result];
    if (result === 'success') {
      this.answered.add(`${sent.offset}/${sent.hookId}`);
      if (this.settings.count === 'in-a-row') this.failures.set(`${sent.hookId}/${sent.epoch}`, 0);
    } else {
      this.countFailure(sent);
    }
    const answer: SendResult = { kind: 'answer', status, headers: [], body: Buffer.alloc(0), bodyCut: false };
    sent.request.completed(answer, { connectUs: 0, firstByteUs: 0, totalUs: 1 });
  }

  private countFailure({ hookId, epoch, offset }: Sent): void {
    const key = `${hookId}/${epoch}`;
    const count = (this.failures.get(key) ?? 0) + 1;
    this.failures.set(key, count);
    if (this.settings.limit > 0 && count > this.settings.limit) throw this.failure(`${key} has ${count} failing attempts, the last for ${offset}`);
  }

  private comeBack(what: Waiting['what']): void {
    const at = this.waiting.findIndex((call) => call.what === what);
    if (at < 0) return;
    const [call] = this.waiting.splice(at, 1) as [Waiting];
    call.happen()();
  }

  /** The process dies: what was in flight has failed at the receiver for all we know, and what was on its way may or may not have happened. */
  private async crash(applied: boolean, behind: boolean): Promise<void> {
    const { alive } = this;
    if (!alive) return;
    this.crashes += 1;
    alive.isDead = true;
    for (const owned of [...alive.owner.partitions.values()]) alive.owner.drop(owned);
    for (const sent of this.inFlight) this.countFailure(sent);
    this.inFlight = [];
    if (applied) for (const call of this.waiting) call.happen();
    this.waiting = [];
    await turn();
    this.isBehind = behind;
    await this.start();
  }

  // ---- what the owner sees of it ----

  private call<T>(alive: { isDead: boolean }, what: Waiting['what'], effect: () => T): Promise<T> {
    if (alive.isDead) return new Promise(() => undefined);
    return new Promise((resolve) => {
      this.waiting.push({
        what,
        happen: () => {
          const result = effect();
          return () => resolve(result);
        },
      });
    });
  }

  private log(alive: { isDead: boolean }): OutcomeLog {
    return {
      soleWriter: true,
      partitionsOf: () => 1,
      bounds: (topic) => Promise.resolve([{ first: 0, next: topic === Topics.deliveryOutcomes ? this.outcomes.length : this.requests.length }]),
      append: (records: readonly AppendRecord[]) => this.call(alive, 'append', () => records.map(({ value }) => this.outcomes.push(Buffer.from(value)) - 1)),
      read: async function* (this: DeliverySimulation, { topic, from, to }: { topic: string; from: number; to: number }) {
        if (topic === Topics.deliveriesRequested) yield this.requests.slice(from, to);
        else yield this.outcomes.slice(from, to).map((value, n) => ({ topic, partition: 0, offset: from + n, timestampMs: 0, key: null, headers: {}, value, attachment: null }));
      }.bind(this),
    };
  }

  private leases(alive: { isDead: boolean }): LeaseStore {
    return {
      read: () => Promise.resolve([{ ...this.lease }]),
      take: (row, owner, minEpoch) => {
        this.lease = { ...this.lease, owner, epoch: Math.max(row.epoch + 1, minEpoch) };
        return Promise.resolve({ partition: 0, epoch: this.lease.epoch, progress: this.lease.progress && { ...this.lease.progress, marks: new Map(this.lease.progress.marks) }, nowMs: this.clock.nowMs() });
      },
      renew: (_owner, [progress]) => {
        if (alive.isDead || !progress) return Promise.resolve({ partitions: new Set<number>(), nowMs: 0 });
        this.checkProgress(progress);
        this.lease = { ...this.lease, progress: { watermark: progress.watermark, marks: new Map(progress.marks), outcomesFrom: progress.outcomesFrom } };
        return Promise.resolve({ partitions: new Set([0]), nowMs: this.clock.nowMs() });
      },
      release: () => Promise.resolve(),
    };
  }

  /** All below the watermark is acked or parked, and no outcome that a new owner needs stands before `outcomesFrom`. */
  private checkProgress({ watermark, outcomesFrom }: ProgressSnapshot): void {
    const settled = this.settledFrom(0);
    const visible = this.settledFrom(outcomesFrom);
    for (let offset = 0; offset < this.requests.length; offset += 1) {
      for (const hookId of this.hooks.keys()) {
        const key = `${offset}/${hookId}`;
        const isParked = this.parked.has(key);
        if (offset < watermark && !settled.has(key) && !isParked) throw this.failure(`the watermark ${watermark} is above ${key}, which is neither acked nor parked`);
        if (settled.has(key) && !visible.has(key) && (offset >= watermark || isParked)) throw this.failure(`outcomesFrom ${outcomesFrom} hides the fate of ${key} (watermark ${watermark}, parked ${isParked})`);
      }
    }
  }

  private settledFrom(from: number): Set<string> {
    const settled = new Set<string>();
    for (const bytes of this.outcomes.slice(from)) {
      const { fate, requestOffset, hookId } = DeliveryOutcome.decode(bytes);
      if (fate !== 'pending') settled.add(`${requestOffset}/${hookId}`);
    }
    return settled;
  }

  private laneRows(alive: { isDead: boolean }): LaneRowStore {
    return {
      write: (_owner, _leases, rows) =>
        this.call(alive, 'rows', () => {
          for (const row of rows) {
            if (row.state === '') this.rows.delete(row.hookId);
            else this.rows.set(row.hookId, row);
          }
          return new Set([0]);
        }),
      read: () => Promise.resolve([...this.rows.values()]),
    };
  }

  private parking(alive: { isDead: boolean }): ParkingStore {
    const keyOf = ({ offset, hookId }: ParkedKey): string => `${offset}/${hookId}`;
    return {
      park: (_owner, _leases, rows) =>
        this.call(alive, 'parking', () => {
          for (const row of rows) if (!this.parked.has(keyOf(row))) this.parked.set(keyOf(row), row);
          return new Set([0]);
        }),
      remove: (keys) => this.call(alive, 'parking', () => keys.forEach((key) => this.parked.delete(keyOf(key)))),
      page: ({ hookId, after }) => this.call(alive, 'page', () => this.parkedOf(hookId).filter(({ offset }) => offset > after).slice(0, 2)),
      stats: () => Promise.resolve([...this.hooks.keys()].flatMap((hookId) => {
        const rows = this.parkedOf(hookId);
        return rows.length === 0 ? [] : [{ hookId, tenantId: TENANT, count: rows.length, lowest: rows[0]!.offset, highest: rows.at(-1)!.offset, oldestAcceptedAtMs: rows[0]!.acceptedAtMs }];
      })),
      keysFrom: (_partition, offset) => Promise.resolve([...this.parked.values()].filter((row) => row.offset >= offset)),
    };
  }

  private parkedOf(hookId: string): ParkedRow[] {
    return [...this.parked.values()].filter((row) => row.hookId === hookId).sort((a, b) => a.offset - b.offset);
  }

  private sender(alive: { isDead: boolean }): HttpSender {
    return {
      send: (request) => {
        const attempt = request as unknown as { lane: { hookId: string }; delivery: { request: { offset: number } }; profile: { hook: HookChanged } };
        const sent: Sent = { hookId: attempt.lane.hookId, offset: attempt.delivery.request.offset, epoch: attempt.profile.hook.enabledEpoch, request };
        if (!alive.isDead) this.checkSend(sent);
        if (!alive.isDead) this.inFlight.push(sent);
        return {
          interrupt: () => {
            if (alive.isDead || !this.inFlight.includes(sent)) return;
            this.inFlight = this.inFlight.filter((other) => other !== sent);
            queueMicrotask(() => request.completed({ kind: 'failure', code: 'interrupted', detail: '' }, { connectUs: 0, firstByteUs: 0, totalUs: 1 }));
          },
        };
      },
      close: () => Promise.resolve(),
    };
  }

  private checkSend({ hookId, offset }: Sent): void {
    this.story.push(`  sent ${offset}/${hookId}`);
    if (this.inFlight.some((other) => other.hookId === hookId)) throw this.failure(`${hookId} has two requests in flight`);
    const fated = this.settledFrom(0);
    for (let earlier = 0; earlier < offset; earlier += 1) {
      const key = `${earlier}/${hookId}`;
      // Its fate may be decided and still be on its way to the log: then nothing of it can be lost but the record.
      if (!fated.has(key) && !this.answered.has(key) && !this.isConcluded(earlier, hookId)) throw this.failure(`${offset}/${hookId} is sent before ${key} has its fate`);
    }
    const last = this.firstSent.get(hookId) ?? -1;
    if (offset > last) this.firstSent.set(hookId, offset);
  }

  /** An outcome without a request (skipped) waits for its ack. */
  private isConcluded(offset: number, hookId: string): boolean {
    const owned = this.alive?.owner.partitions.get(0);
    for (const pending of owned?.unacked ?? []) if (pending.isFinal && pending.delivery.request.offset === offset && pending.lane.hookId === hookId) return true;
    return false;
  }

  private failure(message: string): Error {
    // Also where it is thrown inside a call whose caller keeps errors to itself.
    this.broken ??= new Error(`${message}\n${this.story.join('\n')}`);
    return this.broken;
  }
}

/** Lets everything that is not waiting for a step happen. */
async function turn(): Promise<void> {
  for (let n = 0; n < 3; n += 1) await new Promise((resolve) => setImmediate(resolve));
}
