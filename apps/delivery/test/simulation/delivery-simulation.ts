import { DeliveriesRequested, DeliveryOutcome, EventAccepted, HookChanged, HookSecrets, LaneCommand, Topics } from '@hooklane/contracts/topics';
import type { AppendRecord, LogRecord } from '@hooklane/event-log';
import { cryptoRandom } from '@hooklane/kernel';
import { masterKeyFrom, SecretBox } from '@hooklane/secret-box';
import { seededIds, seededRandom, testClock } from '@hooklane/testkit';
import type { SendResult } from '../../src/attempt/classify.js';
import type { AttemptInFlight } from '../../src/owner/attempt-in-flight.js';
import { HookProfiles } from '../../src/owner/hook-profile.js';
import { LaneOwner } from '../../src/owner/lane-owner.js';
import { PartitionKeeper } from '../../src/owner/partition-keeper.js';
import { PostgresTime } from '../../src/owner/postgres-time.js';
import type { HeadRow, HttpSender, LaneRow, LaneRowStore, LeaseStore, OutboundRequest, OutcomeLog, ParkedKey, ParkedRow, ParkedStats, ParkingStore } from '../../src/ports.js';
import { BUSY_MARGIN_MS } from '../../src/lanes/busy-elsewhere.js';
import { ABORT_LIMIT_MS, type LeaseRow } from '../../src/lanes/lease.js';
import type { LaneRowState } from '../../src/lanes/take-over.js';
import type { ProgressSnapshot } from '../../src/lanes/progress.js';

export type Step =
  | { readonly kind: 'publish'; readonly key?: number }
  | { readonly kind: 'answer'; readonly nth: number; readonly result: 'success' | 'unavailable' | 'rejected' }
  /** The oldest waiting call of that kind comes back. */
  | { readonly kind: 'return'; readonly what: Waiting['what'] }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'change'; readonly nth: number; readonly to: 'disabled' | 'enabled' | 'missed' | 'edited' | 'reordered' }
  /** `skip-head` and `retry-now` name the lowest delivery without a fate. `relay`: the registry brings the oldest command that it owes. */
  | { readonly kind: 'command'; readonly nth: number; readonly what: 'retry-now' | 'skip-head' | 'hold' | 'release' | 'release-catch-up' | 'relay' }
  /** Whoever catches up appends the next missed event, or the end. */
  | { readonly kind: 'replay'; readonly nth: number }
  /** A person replays one of the newest events for a hook. */
  | { readonly kind: 'again'; readonly nth: number }
  | { readonly kind: 'flush' }
  /** The partition goes to another instance, in order; requests in flight stay where they are. */
  | { readonly kind: 'hand-over' }
  /** Former owners stop: what they still have in flight is broken off. */
  | { readonly kind: 'stop' }
  /** Leases cannot be renewed for so long that what is in flight is broken off; then they can again. */
  | { readonly kind: 'away' }
  /** `applied`: what was under way happened all the same, and nobody was told. `behind`: the next owner has not read the newest change of each hook, until it asks for it or time passes. */
  | { readonly kind: 'crash'; readonly applied: boolean; readonly behind: boolean };

export interface Settings {
  readonly limit: number;
  readonly count: 'in-a-row' | 'total';
  readonly hooks: number;
  /** False: the first failure of a delivery is its last. */
  readonly retries: boolean;
  readonly order?: 'fifo' | 'fifo-per-key' | 'none';
  readonly concurrency?: number;
}

/** A catch-up, as who replays sees it. */
interface Replay {
  readonly epoch: number;
  readonly missed: readonly LogRecord[];
  done: number;
}

interface Instance {
  owner: LaneOwner;
  keeper: PartitionKeeper;
  handed: number;
  isDead: boolean;
}

interface Waiting {
  readonly by: { readonly isDead: boolean };
  readonly what: 'append' | 'rows' | 'parking' | 'page';
  /** Does it, and returns how its caller is told. */
  readonly happen: () => () => void;
}

interface Sent {
  readonly hookId: string;
  readonly offset: number;
  readonly key: string;
  readonly isCatchUp: boolean;
  readonly hook: HookChanged;
  readonly epoch: number;
  readonly request: OutboundRequest;
  readonly by: { readonly isDead: boolean };
  readonly startedMs: number;
}

/** Longer than a request may go on without a renewal of its lease, and shorter than the lease. */
const AWAY_MS = ABORT_LIMIT_MS + 500;
const TENANT = 'acme';
const ORDERS = ['fifo', 'fifo-per-key', 'none'];
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
  /** The same as they are read, with the ordering keys of their events. */
  private readonly asked: { readonly kind: DeliveriesRequested['kind']; readonly key: string }[] = [];
  private readonly outcomes: Buffer[] = [];
  private readonly outcomeHeaders: Readonly<Record<string, string>>[] = [];
  private readonly told: DeliveryOutcome[] = [];
  /** `<request offset>/<hook id>`, and where in the outcomes its fate stands last. */
  private readonly fates = new Map<string, number>();
  private readonly rows = new Map<string, LaneRow>();
  private readonly headRows = new Map<string, Omit<HeadRow, 'isParked'>>();
  private readonly parked = new Map<string, ParkedRow>();
  private lease: LeaseRow & { progress: ProgressSnapshot | null } = { partition: 0, owner: null, epoch: 0, expired: true, renewals: 0, progress: null };
  /** As the partition was released last. */
  private suspectBelow = 0;
  private waiting: Waiting[] = [];
  private inFlight: Sent[] = [];
  private alive: Instance | null = null;
  /** They have handed the partition over and live on. */
  private readonly former = new Set<Instance>();
  private listeners = new Set<(hook: HookChanged) => void>();
  private instances = 0;
  private crashes = 0;
  private readonly answered = new Set<string>();
  /** Failing attempts of a hook in an epoch: since its last success, and in all. */
  private readonly failures = new Map<string, number>();
  /** Begin commands that the registry has not brought yet. */
  private readonly owed: LaneCommand[] = [];
  private readonly replayed = new Map<string, number>();
  private replayPosition = 0;
  private readonly replays = new Map<string, Replay>();
  /** Up to where any owner has read. */
  private everRead = 0;
  /** What is missed counts from here: since the last completed catch-up, or an enabling without. */
  private readonly missedFrom = new Map<string, number>();
  private broken: Error | null = null;
  readonly story: string[] = [];

  /** @param sabotage does harm to every instance as it starts: what the invariants are for (mutants.prop.spec.ts) */
  constructor(
    private readonly settings: Settings,
    private readonly sabotage: (owner: LaneOwner, keeper: PartitionKeeper) => void = () => undefined,
  ) {
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
    const parts = { log: this.log(alive), hooks: table, leases: this.leases(alive, instanceId), laneRows: this.laneRows(alive), parking: this.parking(alive), sender: this.sender(alive), profiles, clock, time, instanceId, logger: quiet };
    alive.owner = new LaneOwner({ ...parts, ids: seededIds(), random: seededRandom(), metrics: nothing, slots: { total: 100, unproven: 50 }, traces: null, maxParkedPerHook: 1_000, maxParkedPerTenant: 100_000, memoryBytes: 1e9, lost: (owned) => alive.keeper.lost(owned) });
    // Small limits, so that a few events are enough to overflow.
    Object.assign((alive.owner.machine.memory as unknown as { limits: object }), { limits: { records: 3, bytes: 1e9, recordsWhenShort: 1, oldestMs: 5_000 } });
    alive.keeper = new PartitionKeeper({ ...parts, owner: alive.owner, health: () => undefined });
    this.sabotage(alive.owner, alive.keeper);
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
        this.publish(step.key ?? 0);
        break;
      case 'command':
        this.command(`hook_${step.nth % this.settings.hooks}`, step.what);
        break;
      case 'replay':
        this.replay(`hook_${step.nth % this.settings.hooks}`);
        break;
      case 'again':
        this.again(`hook_${step.nth % this.settings.hooks}`, step.nth);
        break;
      case 'answer':
        this.answer(step.nth, step.result);
        break;
      case 'return':
        this.comeBack(step.what);
        break;
      case 'time':
        await this.formersEnd(step.ms);
        this.catchUp();
        await this.alive?.owner.elsewhere.follow();
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
      case 'hand-over':
        await this.handOver();
        break;
      case 'stop':
        for (const { owner } of this.former) owner.interruptAll();
        break;
      case 'away':
        await this.formersEnd(AWAY_MS);
        this.alive?.owner.tick();
        break;
      case 'crash':
        await this.crash(step.applied, step.behind);
        break;
    }
    await this.feed();
    await turn();
    this.checkLanes();
    if (this.broken) throw this.broken;
  }

  /** Faults end: everything answers, every hook is enabled, and nobody holds it. */
  async settleDown(): Promise<void> {
    while (this.owed.length > 0) this.command('', 'relay');
    for (const hookId of this.hooks.keys()) {
      for (let n = 0; n < this.requests.length + 2; n += 1) this.replay(hookId);
      this.command(hookId, 'release-catch-up');
      this.command(hookId, 'release');
      this.changeTo(hookId, 'enabled');
    }
    for (let round = 0; round < 300; round += 1) {
      while (this.inFlight.length > 0) this.answer(0, 'success');
      while (this.waiting.length > 0) this.comeBack((this.waiting[0] as Waiting).what);
      await this.step({ kind: 'time', ms: 1_000 });
      if (this.isAtRest()) return;
    }
    throw this.failure(`does not come to rest: watermark ${this.lease.progress?.watermark} of ${this.requests.length}, ${this.parked.size} parked, rows ${JSON.stringify([...this.rows.values()].map(({ state }) => state))}, heads ${this.headRows.size}`);
  }

  assertAtRest(): void {
    const fates = new Map<string, string[]>();
    for (const { fate, requestOffset, hookId } of this.told) {
      if (!isFate(fate)) continue;
      const key = `${requestOffset}/${hookId}`;
      fates.set(key, [...(fates.get(key) ?? []), fate]);
    }
    for (const { offset, hookIds } of this.deliveries()) {
      for (const hookId of hookIds) {
        const count = fates.get(`${offset}/${hookId}`)?.length ?? 0;
        if (count === 0) throw this.failure(`${offset}/${hookId} has no fate`);
        if (count > 1 + this.crashes) throw this.failure(`${offset}/${hookId} has ${count} fates after ${this.crashes} crashes`);
      }
    }
  }

  private isAtRest(): boolean {
    const { progress } = this.lease;
    return progress?.watermark === this.requests.length && this.parked.size === 0 && this.inFlight.length === 0 && this.waiting.length === 0 && this.headRows.size === 0 && (this.settings.count === 'total' || this.rowsAtRest() === 0);
  }

  /** A failure that no success has followed is remembered. */
  private rowsAtRest(): number {
    return [...this.rows.values()].filter(({ state }) => (JSON.parse(state) as LaneRowState).health.streak === 0).length;
  }

  private *deliveries(): Iterable<{ readonly offset: number; readonly hookIds: readonly string[] }> {
    for (const [offset, { kind }] of this.asked.entries()) if (kind?.$case === 'request') yield { offset, hookIds: kind.value.hooks.map(({ hookId }) => hookId) };
  }

  // ---- the world ----

  private publish(key: number): void {
    const offset = this.requests.length;
    const event = EventAccepted.encode({ ...EventAccepted.decode(new Uint8Array(0)), tenantId: TENANT, eventId: `evt_${offset}`, type: 't', orderingKey: key === 0 ? '' : `key_${key}`, acceptedAtMs: this.clock.nowMs(), occurredAtMs: this.clock.nowMs(), data: Buffer.from(String(offset)) }).finish();
    this.request(`evt_${offset}`, 's', offset, [...this.hooks.values()], 'event', '', Buffer.from(event));
  }

  private request(eventId: string, sourceStream: string, sourcePosition: number, hooks: readonly HookChanged[], trigger: string, replayId: string, event: Buffer): void {
    const value = { tenantId: TENANT, eventId, sourceStream, sourcePosition, hooks: hooks.map(({ hookId, version }) => ({ hookId, version })), trigger, replayId };
    this.append(DeliveriesRequested.encode({ kind: { $case: 'request', value } }).finish(), event);
  }

  private append(value: Uint8Array, attachment: Buffer | null): void {
    this.asked.push({ kind: DeliveriesRequested.decode(value).kind, key: attachment ? EventAccepted.decode(attachment).orderingKey : '' });
    this.requests.push({ topic: Topics.deliveriesRequested, partition: 0, offset: this.requests.length, timestampMs: 0, key: null, headers: {}, value: Buffer.from(value), attachment });
  }

  private command(hookId: string, what: (Step & { kind: 'command' })['what']): void {
    if (what === 'relay') {
      const owed = this.owed.shift();
      if (owed) this.append(DeliveriesRequested.encode({ kind: { $case: 'command', value: owed } }).finish(), null);
      return;
    }
    const lowest = what === 'skip-head' || what === 'retry-now' ? this.lowestOpen(hookId) : null;
    if (what === 'skip-head' && lowest === null) return;
    this.order(commandOf({ hookId, kind: what, deliveryId: lowest === null ? '' : `dlv_0_${lowest}_${hookId}`, epoch: this.hooks.get(hookId)?.catchUpEpoch ?? 0 }));
  }

  private order(command: LaneCommand): void {
    this.append(DeliveriesRequested.encode({ kind: { $case: 'command', value: command } }).finish(), null);
  }

  private lowestOpen(hookId: string): number | null {
    for (const { offset, hookIds } of this.deliveries()) if (hookIds.includes(hookId) && !this.isSettled(`${offset}/${hookId}`)) return offset;
    return null;
  }

  /** log-query's part: what was missed, in order, and then the end. */
  private replay(hookId: string): void {
    const hook = this.hooks.get(hookId) as HookChanged;
    let job = this.replays.get(hookId);
    if (!job) {
      const opened = this.told.filter((outcome) => outcome.catchUpOpened && outcome.hookId === hookId).at(-1)?.catchUpOpened;
      if (!opened || opened.epoch <= (this.replayed.get(hookId) ?? 0)) return;
      job = { epoch: opened.epoch, missed: this.missed(hookId, opened.commandOffset), done: 0 };
      this.replays.set(hookId, job);
      this.replayed.set(hookId, opened.epoch);
    }
    const next = hook.enabled && hook.enabledEpoch === job.epoch ? job.missed[job.done] : undefined;
    if (next) {
      job.done += 1;
      this.request(`evt_${next.offset}`, 'replay/0', this.replayPosition++, [hook], 'catch-up', `catch-up/${hookId}/${job.epoch}`, next.attachment as Buffer);
      return;
    }
    if (job.done === job.missed.length) this.missedFrom.set(hookId, this.requests.length);
    this.replays.delete(hookId);
    this.order(commandOf({ hookId, kind: 'end-catch-up', epoch: job.epoch }));
  }

  private again(hookId: string, nth: number): void {
    const published = this.requests.filter(({ offset }) => isRequest(this.asked[offset]?.kind, 'event'));
    const event = published.at(-1 - (nth % Math.max(published.length, 1)));
    if (event) this.request(`evt_${event.offset}`, 'replay/0', this.replayPosition++, [this.hooks.get(hookId) as HookChanged], 'replay', 'rpl_1', event.attachment as Buffer);
  }

  private missed(hookId: string, border: number): LogRecord[] {
    const latest = new Map<string, string>();
    for (const { fate, fateReason, eventId, hookId: id } of this.told) {
      if (id === hookId && isFate(fate)) latest.set(eventId, `${fate} ${fateReason}`);
    }
    const from = this.missedFrom.get(hookId) ?? 0;
    return this.requests.filter(({ offset }) => {
      const kind = this.asked[offset]?.kind;
      return offset >= from && offset < border && isRequest(kind, 'event') && latest.get(kind.value.eventId) === 'skipped disabled';
    });
  }

  private async feed(): Promise<void> {
    const { alive } = this;
    if (!alive || alive.handed >= this.requests.length) return;
    const records = this.requests.slice(alive.handed);
    alive.handed = this.requests.length;
    await alive.keeper.handle({ topic: Topics.deliveriesRequested, partition: 0, records, endOffset: this.requests.length });
    this.everRead = Math.max(this.everRead, alive.owner.partitions.get(0)?.readUpTo ?? 0);
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
        order: this.settings.order ?? 'fifo', concurrency: this.settings.concurrency ?? 3,
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

  private changeTo(hookId: string, to: (Step & { kind: 'change' })['to']): void {
    const hook = this.hooks.get(hookId) as HookChanged;
    const enabledEpoch = hook.enabledEpoch + 1;
    if (to === 'disabled') this.change(hookId, { enabled: false });
    else if (to === 'reordered') this.change(hookId, { order: ORDERS[(ORDERS.indexOf(hook.order) + 1) % ORDERS.length] as string });
    else if (to === 'enabled') {
      this.missedFrom.set(hookId, this.requests.length);
      this.change(hookId, { enabled: true, enabledEpoch });
    } else if (to === 'missed') {
      this.change(hookId, { enabled: true, enabledEpoch, catchUpEpoch: enabledEpoch });
      this.owed.push(commandOf({ hookId, kind: 'begin-catch-up', epoch: enabledEpoch }));
    } else this.change(hookId, {});
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
    for (const instance of [alive, ...this.former]) instance.isDead = true;
    this.former.clear();
    for (const owned of [...alive.owner.partitions.values()]) alive.owner.drop(owned);
    for (const sent of this.inFlight) this.countFailure(sent);
    this.inFlight = [];
    if (applied) for (const call of this.waiting) call.happen();
    this.waiting = [];
    await turn();
    this.isBehind = behind;
    await this.start();
  }

  private async handOver(): Promise<void> {
    const { alive } = this;
    if (!alive) return;
    // Nobody waits that much longer than the deadline of a request: the next owner would count it as failed before its answer is there.
    this.timeOut((sent, ageMs) => ageMs >= sent.request.timeoutMs + BUSY_MARGIN_MS);
    let isDone = false;
    const gone = alive.keeper.revoked([{ topic: Topics.deliveriesRequested, partition: 0 }]).finally(() => (isDone = true));
    // What is being recorded is recorded.
    for (let round = 0; !isDone && round < 1_000; round += 1) {
      const [first] = this.waiting;
      if (first) this.comeBack(first.what);
      // It looks again when a timer says so.
      else await new Promise((resolve) => setTimeout(resolve, 1));
      await turn();
    }
    if (!isDone) throw this.failure('does not let go');
    await gone;
    if (this.lease.owner !== null) throw this.failure('lets go without saying so');
    // Whoever takes a lease waits for rows that are being written under it.
    while (this.waiting.some(({ what }) => what !== 'append')) this.comeBack(this.waiting.find(({ what }) => what !== 'append')!.what);
    this.former.add(alive);
    await this.start();
  }

  /** Time passes. Requests of former owners end by their deadline, and what those append is in the log within the time that is given to it. */
  private async formersEnd(ms: number): Promise<void> {
    await this.appendOfFormers();
    this.clock.advance(ms);
    this.timeOut((sent, ageMs) => sent.by !== this.alive && ageMs >= sent.request.timeoutMs);
    await this.appendOfFormers();
  }

  private timeOut(isOver: (sent: Sent, ageMs: number) => boolean): void {
    for (const sent of this.inFlight.filter((other) => isOver(other, this.clock.monotonicMs() - other.startedMs))) {
      this.inFlight = this.inFlight.filter((other) => other !== sent);
      this.countFailure(sent);
      sent.request.completed({ kind: 'failure', code: 'timeout', detail: '' }, { connectUs: 0, firstByteUs: 0, totalUs: 1 });
    }
  }

  private async appendOfFormers(): Promise<void> {
    await turn();
    for (const call of this.waiting.filter(({ by, what }) => what === 'append' && by !== this.alive)) {
      this.waiting.splice(this.waiting.indexOf(call), 1);
      call.happen()();
    }
    await turn();
  }

  // ---- what the owner sees of it ----

  private call<T>(alive: { isDead: boolean }, what: Waiting['what'], effect: () => T): Promise<T> {
    if (alive.isDead) return new Promise(() => undefined);
    return new Promise((resolve) => {
      this.waiting.push({
        by: alive,
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
      partitionsOf: () => 1,
      bounds: (topic) => Promise.resolve([{ first: 0, next: topic === Topics.deliveryOutcomes ? this.outcomes.length : this.requests.length }]),
      append: (records: readonly AppendRecord[]) => {
        if (!alive.isDead) for (const { value } of records) this.noted(() => this.checkOutcome(DeliveryOutcome.decode(value)));
        return this.call(alive, 'append', () => records.map((record) => this.tell(record)));
      },
      read: async function* (this: DeliverySimulation, { topic, from, to }: { topic: string; from: number; to: number }) {
        if (topic === Topics.deliveriesRequested) yield this.requests.slice(from, to);
        else yield this.outcomes.slice(from, to).map((value, n) => ({ topic, partition: 0, offset: from + n, timestampMs: 0, key: null, headers: this.outcomeHeaders[from + n] as Record<string, string>, value, attachment: null }));
      }.bind(this),
    };
  }

  private tell({ value, headers }: AppendRecord): number {
    const offset = this.outcomes.push(Buffer.from(value)) - 1;
    const outcome = DeliveryOutcome.decode(value);
    this.outcomeHeaders.push(headers ?? {});
    this.told.push(outcome);
    if (isFate(outcome.fate)) {
      const key = `${outcome.requestOffset}/${outcome.hookId}`;
      this.noted(() => this.checkFate(key, outcome));
      this.fates.set(key, offset);
    }
    return offset;
  }

  /** Invariant 3: one owner gives a delivery one fate. What a dead one has recorded is published verbatim, perhaps once more. */
  private checkFate(key: string, { ownerEpoch, ownerSequence }: DeliveryOutcome): void {
    const before = this.told[this.fates.get(key) ?? -1];
    if (before?.ownerEpoch === ownerEpoch && before.ownerSequence !== ownerSequence) throw this.failure(`${key} has two fates of owner ${ownerEpoch}`);
  }

  /** A dead owner's lease is taken at once: waiting for its end is the business of other specs. */
  private leases(alive: { isDead: boolean }, instanceId: string): LeaseStore {
    return {
      read: () => Promise.resolve([{ ...this.lease, owner: this.lease.owner && instanceId }]),
      take: (row, owner, minEpoch) => {
        this.lease = { ...this.lease, owner, epoch: Math.max(row.epoch + 1, minEpoch) };
        return Promise.resolve({ partition: 0, epoch: this.lease.epoch, suspectBelow: this.suspectBelow, progress: this.lease.progress && { ...this.lease.progress, marks: new Map(this.lease.progress.marks) }, nowMs: this.clock.nowMs() });
      },
      renew: (_owner, [progress]) => {
        if (alive.isDead || !progress) return Promise.resolve({ partitions: new Set<number>(), nowMs: 0 });
        this.noted(() => this.checkProgress(progress));
        this.lease = { ...this.lease, progress: { watermark: progress.watermark, marks: new Map(progress.marks), outcomesFrom: progress.outcomesFrom } };
        return Promise.resolve({ partitions: new Set([0]), nowMs: this.clock.nowMs() });
      },
      release: (_owner, [progress], busy) => {
        if (alive.isDead || !progress) return Promise.resolve();
        this.noted(() => this.checkProgress(progress));
        for (const row of busy) this.rows.set(row.hookId, row);
        this.suspectBelow = progress.suspectBelow;
        this.lease = { ...this.lease, owner: null, progress: { watermark: progress.watermark, marks: new Map(progress.marks), outcomesFrom: progress.outcomesFrom } };
        return Promise.resolve();
      },
    };
  }

  /** All below the watermark is acked or parked, and no outcome that a new owner needs stands before `outcomesFrom`. */
  private checkProgress({ watermark, outcomesFrom }: ProgressSnapshot): void {
    for (const { offset, hookIds } of this.deliveries()) {
      for (const hookId of hookIds) {
        const key = `${offset}/${hookId}`;
        const isParked = this.parked.has(key);
        if (offset < watermark && !this.isSettled(key) && !isParked) throw this.failure(`the watermark ${watermark} is above ${key}, which is neither acked nor parked`);
        if (this.isSettled(key) && !this.isSettled(key, outcomesFrom) && (offset >= watermark || isParked)) throw this.failure(`outcomesFrom ${outcomesFrom} hides the fate of ${key} (watermark ${watermark}, parked ${isParked})`);
      }
    }
  }

  /** @param from where in the outcomes one begins to read */
  private isSettled(key: string, from = 0): boolean {
    return (this.fates.get(key) ?? -1) >= from;
  }

  private laneRows(alive: { isDead: boolean }): LaneRowStore {
    return {
      write: (_owner, _leases, rows) =>
        this.call(alive, 'rows', () => {
          for (const row of rows) {
            if (this.settings.order !== 'none' && row.state.length > 2_048) throw this.failure(`the row of ${row.hookId} has ${row.state.length} bytes`);
            if (row.state === '') this.rows.delete(row.hookId);
            else this.rows.set(row.hookId, row);
            for (const [offset, state] of row.heads ?? []) {
              const key = `${offset}/${row.hookId}`;
              if (state === '') this.headRows.delete(key);
              else this.headRows.set(key, { hookId: row.hookId, tenantId: row.tenantId, offset, state });
            }
          }
          return new Set([0]);
        }),
      read: () => Promise.resolve([...this.rows.values()]),
      heads: () => Promise.resolve([...this.headRows.values()].map((row) => ({ ...row, isParked: this.parked.has(`${row.offset}/${row.hookId}`) }))),
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
      page: ({ hookId, after, upTo, orderingKey, border }) =>
        this.call(alive, 'page', () =>
          this.parkedOf(hookId)
            .filter((row) => row.offset > after && row.offset <= (upTo ?? Infinity) && (orderingKey === undefined || row.orderingKey === orderingKey) && (border === undefined || row.offset < border || row.trigger === 'catch-up'))
            .slice(0, 2),
        ),
      stats: () => Promise.resolve([...this.hooks.keys()].flatMap((hookId) => statsOf(this.parkedOf(hookId)) ?? [])),
      catchUpStats: (_partition, hookId, border) => {
        const isWaiting = ({ offset, trigger }: ParkedRow): boolean => offset > border && trigger !== 'catch-up';
        const rows = this.parkedOf(hookId);
        return Promise.resolve({ line: statsOf(rows.filter((row) => !isWaiting(row))), waiting: statsOf(rows.filter(isWaiting)) });
      },
      keysFrom: (_partition, offset) => Promise.resolve([...this.parked.values()].filter((row) => row.offset >= offset)),
    };
  }

  private parkedOf(hookId: string): ParkedRow[] {
    return [...this.parked.values()].filter((row) => row.hookId === hookId).sort((a, b) => a.offset - b.offset);
  }

  private sender(alive: { isDead: boolean }): HttpSender {
    return {
      send: (request) => {
        const { lane, delivery, profile } = request as unknown as AttemptInFlight;
        const { offset, trigger, event } = delivery.request;
        const sent: Sent = { hookId: lane.hookId, offset, key: event.orderingKey, isCatchUp: trigger === 'catch-up', hook: profile.hook, epoch: profile.hook.enabledEpoch, request, by: alive, startedMs: this.clock.monotonicMs() };
        if (!alive.isDead) this.noted(() => this.checkSend(sent));
        if (!alive.isDead) this.inFlight.push(sent);
        return {
          interrupt: () => {
            if (alive.isDead || !this.inFlight.includes(sent)) return;
            this.inFlight = this.inFlight.filter((other) => other !== sent);
            // Its receiver had just failed it, for all we know.
            this.noted(() => this.countFailure(sent));
            queueMicrotask(() => request.completed({ kind: 'failure', code: 'interrupted', detail: '' }, { connectUs: 0, firstByteUs: 0, totalUs: 1 }));
          },
        };
      },
      close: () => Promise.resolve(),
    };
  }

  private checkSend(sent: Sent): void {
    const { hookId, offset, hook, isCatchUp } = sent;
    this.story.push(`  sent ${offset}/${hookId}${isCatchUp ? ' (catch-up)' : ''} ${hook.order} ${sent.key}`);
    this.checkInFlight(sent);
    this.checkHeld(sent);
    this.checkCatchUp(sent);
    if (this.isSettled(`${offset}/${hookId}`)) throw this.failure(`${offset}/${hookId} is sent although it has its fate`);
    for (const earlier of this.before(sent)) {
      const key = `${earlier}/${hookId}`;
      // Its fate may be decided and still be on its way to the log: then nothing of it can be lost but the record.
      if (!this.isSettled(key) && !this.answered.has(key) && !this.isConcluded(earlier, hookId)) throw this.failure(`${offset}/${hookId} is sent before ${key} has its fate`);
    }
  }

  /** Invariants 5 and 6. */
  private checkInFlight({ hookId, epoch, offset, hook, key }: Sent): void {
    const others = this.inFlight.filter((other) => other.hookId === hookId);
    if (others.some((other) => other.offset === offset)) throw this.failure(`${offset}/${hookId} is under way twice`);
    const most = hook.order === 'fifo' ? 1 : hook.concurrency;
    if (others.length >= most) throw this.failure(`${hookId} has ${others.length + 1} requests in flight`);
    if (hook.order === 'fifo-per-key' && others.some((other) => other.key === key)) throw this.failure(`${hookId} has two requests of ${key} in flight`);
    const left = this.settings.limit === 0 ? Infinity : this.settings.limit - (this.failures.get(`${hookId}/${epoch}`) ?? 0);
    if (others.length >= left) throw this.failure(`${hookId} has ${others.length + 1} requests in flight and ${left} failures left`);
  }

  /** Invariant 12: what was published after the enabling waits for the end of the catch-up; what was published before comes with it and not by itself. */
  private checkCatchUp({ hookId, offset, hook, isCatchUp }: Sent): void {
    if (isCatchUp || hook.catchUpEpoch !== hook.enabledEpoch || hook.catchUpEpoch === 0) return;
    const commands = this.commandsOf(hookId);
    const begin = commands.find(({ command }) => command.kind === 'begin-catch-up' && command.epoch === hook.catchUpEpoch);
    const end = commands.find(({ command }) => (command.kind === 'end-catch-up' || command.kind === 'release-catch-up') && command.epoch === hook.catchUpEpoch);
    if (!end) throw this.failure(`${offset}/${hookId} is sent before the end of catch-up ${hook.catchUpEpoch}`);
    if (begin && begin.offset < end.offset && offset < begin.offset) throw this.failure(`${offset}/${hookId} stands before catch-up ${hook.catchUpEpoch} and is sent by itself`);
  }

  /** A hold that was read, by this owner or a former one, holds until its release. What a former owner read above the watermark is in the lane's row before it is in this owner's memory. */
  private checkHeld({ hookId, offset }: Sent): void {
    const { orders } = JSON.parse(this.rows.get(hookId)?.state ?? '{}') as Partial<LaneRowState>;
    const readUpTo = Math.max(this.alive?.owner.partitions.get(0)?.readUpTo ?? 0, (orders?.upTo ?? -1) + 1);
    const readOf = { hold: readUpTo, release: Math.max(readUpTo, this.everRead) };
    const last = this.commandsOf(hookId).findLast(({ command: { kind }, offset: at }) => (kind === 'hold' || kind === 'release') && at < readOf[kind]);
    if (last?.command.kind === 'hold') throw this.failure(`${offset}/${hookId} is sent although the lane is held since ${last.offset}`);
  }

  /** What is left out as pending is. Invariant 5, the other half: where nothing died, a verdict is given for N failures of that epoch and not for fewer. */
  private checkOutcome({ hookId, requestOffset, eventId, verdict, fateReason }: DeliveryOutcome): void {
    if (fateReason === 'already-pending' && !this.isPendingBelow(requestOffset, eventId, hookId)) throw this.failure(`${requestOffset}/${hookId} is left out, and ${eventId} does not wait`);
    if (!verdict || this.crashes > 0 || verdict.reason !== 'failure-limit') return;
    const count = this.failures.get(`${hookId}/${verdict.enabledEpoch}`) ?? 0;
    if (count < this.settings.limit) throw this.failure(`a verdict on ${hookId} in epoch ${verdict.enabledEpoch} after ${count} failures`);
  }

  private isPendingBelow(offset: number, eventId: string, hookId: string): boolean {
    return this.asked.slice(0, offset).some(({ kind }, at) => isRequest(kind) && kind.value.eventId === eventId && kind.value.hooks.some((hook) => hook.hookId === hookId) && !this.isSettled(`${at}/${hookId}`));
  }

  private commandsOf(hookId: string): { readonly offset: number; readonly command: LaneCommand }[] {
    const commands: { readonly offset: number; readonly command: LaneCommand }[] = [];
    for (const [offset, { kind }] of this.asked.entries()) {
      if (kind?.$case === 'command' && kind.value.hookId === hookId) commands.push({ offset, command: kind.value });
    }
    return commands;
  }

  /** Invariant 4: the deliveries that must have their answer or fate first. A catch-up overtakes what waits for its end. */
  private before({ hookId, offset, hook, key, isCatchUp }: Sent): number[] {
    if (hook.order === 'none') return [];
    const border = isCatchUp ? (this.commandsOf(hookId).findLast(({ command, offset: at }) => command.kind === 'begin-catch-up' && at < offset)?.offset ?? 0) : Infinity;
    const earlier: number[] = [];
    for (const [at, { kind, key: keyThere }] of this.asked.slice(0, offset).entries()) {
      if (kind?.$case !== 'request' || !kind.value.hooks.some((other) => other.hookId === hookId)) continue;
      if (at > border && kind.value.trigger !== 'catch-up') continue;
      if (hook.order === 'fifo' || keyThere === key) earlier.push(at);
    }
    return earlier;
  }

  /** Invariants 9, 14 and 15, of every lane between two steps. */
  private checkLanes(): void {
    const owned = this.alive?.owner.partitions.get(0);
    if (!owned) return;
    for (const lane of owned.lanes.values()) {
      const inMemory = new Set([...lane.live].map(({ request }) => request.offset));
      for (const { offset, trigger } of lane.spilled || lane.keyed || lane.mustRewind ? [] : this.parkedOf(lane.hookId)) {
        const isWaiting = lane.waiting !== null && offset >= lane.waiting.lowest && trigger !== 'catch-up';
        if (!inMemory.has(offset) && !isWaiting && !this.answered.has(`${offset}/${lane.hookId}`) && !this.isConcluded(offset, lane.hookId) && !this.isSettled(`${offset}/${lane.hookId}`))
          throw this.failure(`the lane of ${lane.hookId} is live, and ${offset} is parked`);
      }
    }
  }

  /** An outcome without a request (skipped) waits for its ack. */
  private isConcluded(offset: number, hookId: string): boolean {
    const owned = this.alive?.owner.partitions.get(0);
    for (const pending of owned?.unacked ?? []) if (pending.isFinal && pending.delivery.request.offset === offset && pending.lane.hookId === hookId) return true;
    return false;
  }

  /** Within a call of the code under test, which may keep errors to itself or have been made by a timer: the step that is under way fails by what is noted. */
  private noted(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.broken ??= error as Error;
    }
  }

  private failure(message: string): Error {
    this.broken ??= new Error(`${message}\n${this.story.join('\n')}`);
    return this.broken;
  }
}

type Asked = DeliveriesRequested['kind'];

function isRequest(kind: Asked, trigger?: string): kind is Extract<Asked, { $case: 'request' }> {
  return kind?.$case === 'request' && (trigger === undefined || kind.value.trigger === trigger);
}

function isFate(fate: string): boolean {
  return fate !== 'pending' && fate !== '';
}

function statsOf(rows: readonly ParkedRow[]): ParkedStats | null {
  const [first] = rows;
  if (!first) return null;
  return { hookId: first.hookId, tenantId: TENANT, count: rows.length, lowest: first.offset, highest: rows.at(-1)!.offset, oldestAcceptedAtMs: first.acceptedAtMs, catchUps: rows.filter(({ trigger }) => trigger === 'catch-up').length };
}

function commandOf(part: Partial<LaneCommand>): LaneCommand {
  return { ...LaneCommand.decode(new Uint8Array(0)), tenantId: TENANT, commandId: 'cmd', ...part };
}

/** Lets everything that is not waiting for a step happen. */
async function turn(): Promise<void> {
  for (let n = 0; n < 3; n += 1) await new Promise((resolve) => setImmediate(resolve));
}
