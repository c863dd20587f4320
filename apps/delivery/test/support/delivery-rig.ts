import { DeliveriesRequested, DeliveryOutcome, EventAccepted, HookChanged, HookSecrets, LaneCommand, Topics, type TenantState } from '@hooklane/contracts/topics';
import { ConsumerRunner, type EventLog, type EventLogConnection, type TopicConsumer } from '@hooklane/event-log';
import { eventLogMigrations, openEmbeddedLog } from '@hooklane/event-log-embedded';
import { cryptoRandom, systemClock, timeOrderedIds, type Clock } from '@hooklane/kernel';
import { migrate, openDatabase, type Database } from '@hooklane/postgres';
import { masterKeyFrom, SecretBox } from '@hooklane/secret-box';
import { testDatabase, type TestDatabase } from '@hooklane/testkit';
import { DeliveriesRequestedConsumer, PARTITION_KEEPER } from '../../src/deliveries-requested.consumer.js';
import { deliveryConfig } from '../../src/delivery.config.js';
import { deliveryModule } from '../../src/delivery.module.js';
import { DeliveryWorkers } from '../../src/delivery.workers.js';
import type { PartitionKeeper } from '../../src/owner/partition-keeper.js';

const box = new SecretBox(masterKeyFrom(Buffer.alloc(32, 5).toString('base64')), cryptoRandom);
export const signingSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => quiet };
// Prints what happened into the output of a failing spec.
const print = (message: string, fields?: unknown): void => void process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`);
const loud = { ...quiet, warn: print, error: print, with: () => loud };
const noMetric = { labels: () => noMetric, inc: () => undefined, set: () => undefined, observe: () => undefined, collect: () => undefined };
const metrics = { counter: () => noMetric, gauge: () => noMetric, histogram: () => noMetric };

export interface PublishOptions {
  readonly partition?: number;
  readonly tenantId?: string;
  readonly position?: number;
  readonly orderingKey?: string;
  /** Replay id of a catch-up that brings it. */
  readonly catchUp?: string;
}

export interface RigOptions {
  readonly partitions?: number;
  readonly clock?: Clock;
  readonly environment?: Record<string, string>;
  readonly verbose?: boolean;
  /** Other instances may be alive, as on Kafka: a lease that was not released is waited for. */
  readonly several?: boolean;
}

/** Instances of the delivery module on one real embedded log and one real Postgres; the tables are given by hand. */
export class DeliveryRig {
  readonly hooks = new Map<string, HookChanged>();
  readonly tenants = new Map<string, TenantState>();
  private readonly listeners = new Set<(hook: HookChanged) => void>();
  private readonly knownOutcomes = new Map<number, DeliveryOutcome[]>();
  private position = 0;
  /** By number, from 1. */
  private readonly running = new Map<number, { runner: ConsumerRunner; workers: DeliveryWorkers }>();
  private readonly muted = new Set<number>();
  private instances = 0;

  private constructor(
    private readonly options: RigOptions,
    readonly server: TestDatabase,
    readonly database: Database,
    readonly log: EventLogConnection,
  ) {}

  static async open(options: RigOptions = {}): Promise<DeliveryRig> {
    const server = await testDatabase();
    const settings = { url: server.url, tls: 'disable' as const };
    await migrate(settings, [eventLogMigrations, deliveryModule.migrations!]);
    const database = openDatabase(settings);
    const partitions = options.partitions ?? 2;
    const topics = [Topics.eventsAccepted, Topics.deliveriesRequested, Topics.deliveryOutcomes].map((name) => ({ name, partitions, compacted: false, retentionMs: null }));
    const log = await openEmbeddedLog({ database, clock: systemClock, report: () => undefined, topics });
    return new DeliveryRig(options, server, database, log);
  }

  /** @returns its number, for `stop` and `crash`, which mean the newest where they are not told */
  async start(): Promise<number> {
    const { database, hooks, tenants, options } = this;
    const instance = ++this.instances;
    const log = options.several ? withOthers(this.log, () => this.muted.has(instance)) : this.log;
    const context = {
      config: deliveryConfig.parse(options.environment ?? {}),
      log,
      database,
      directory: {
        hook: (id: string) => (hooks.get(id)?.deleted ? undefined : hooks.get(id)),
        hookVersion: (id: string) => hooks.get(id)?.version ?? 0,
        caughtUp: () => Promise.resolve(),
        tenant: (id: string) => tenants.get(id),
        onHookChanged: (listener: (hook: HookChanged) => void) => {
          this.listeners.add(listener);
          return () => this.listeners.delete(listener);
        },
      },
      secretBox: box,
      clock: options.clock ?? systemClock,
      ids: timeOrderedIds,
      random: cryptoRandom,
      logger: options.verbose ? loud : quiet,
      metrics,
      health: { worker: () => ({ ready: () => undefined, notReady: () => undefined }) },
      targets: { allowLoopback: true, allowedTargets: [] },
      load: { source: () => undefined, fullness: () => 0, busyShare: () => 0 },
      instanceId: `instance-${instance}`,
      version: '0.1.0',
    };
    const module = deliveryModule.register(context as never);
    const providers = module.providers as { provide: unknown; useValue?: unknown; useFactory?: () => unknown }[];
    const keeper = providers.find(({ provide }) => provide === PARTITION_KEEPER)?.useValue as PartitionKeeper;
    const workers = providers.find(({ provide }) => provide === DeliveryWorkers)?.useFactory?.() as DeliveryWorkers;
    workers.onApplicationBootstrap();
    const consumer = new DeliveriesRequestedConsumer(keeper) as TopicConsumer;
    const runner = new ConsumerRunner({ log, group: 'delivery', topics: [Topics.deliveriesRequested], mode: 'share', consumer: bound(consumer), deadLetter: () => Promise.resolve(), report: (problem) => options.verbose && print(problem.kind, problem), health: () => undefined });
    await runner.started;
    this.running.set(instance, { runner, workers });
    return instance;
  }

  async stop(instance = this.newest()): Promise<void> {
    const { runner, workers } = this.taken(instance) ?? {};
    await runner?.close();
    await workers?.beforeApplicationShutdown();
  }

  /** As if the process had died: what it still does is ignored, because another instance takes its leases. */
  async crash(instance = this.newest()): Promise<void> {
    const { runner, workers } = this.taken(instance)!;
    const parts = workers as unknown as { options: { owner: { partitions: Map<number, unknown>; drop(owned: unknown): void } }; timers: NodeJS.Timeout[] };
    for (const timer of parts.timers) clearInterval(timer);
    for (const owned of [...parts.options.owner.partitions.values()]) parts.options.owner.drop(owned);
    await runner.close();
  }

  /** From now on nothing that the instance appends reaches the log, and it never hears of it: as if it were dead. */
  mute(instance: number): void {
    this.muted.add(instance);
  }

  private newest(): number {
    return Math.max(...this.running.keys());
  }

  private taken(instance: number): { runner: ConsumerRunner; workers: DeliveryWorkers } | undefined {
    const running = this.running.get(instance);
    this.running.delete(instance);
    return running;
  }

  async close(): Promise<void> {
    for (const instance of [...this.running.keys()]) await this.stop(instance);
    await this.log.close(1_000);
    await this.database.close();
    await this.server.drop();
  }

  hook(hookId: string, url: string, changes: Partial<HookChanged> = {}): HookChanged {
    const before = this.hooks.get(hookId);
    const secrets = HookSecrets.encode({ url, signing: [{ secretId: 's', value: signingSecret, createdAtMs: 0, expiresAtMs: 0 }], basicAuthUser: '', basicAuthPassword: '', headers: [], tlsClientKeyPem: '' }).finish();
    const tenantId = changes.tenantId ?? before?.tenantId ?? 'acme';
    const hook: HookChanged = {
      ...(before ?? { ...HookChanged.decode(new Uint8Array(0)), enabled: true, enabledEpoch: 1, policyVersion: 1, timeoutMs: 2_000, tlsVerify: true, retry: fastRetry, disablePolicy: { limit: 100, count: 'in-a-row' } }),
      hookId,
      tenantId,
      displayUrl: url,
      sealedSecrets: box.seal(secrets, `hook/${tenantId}/${hookId}`),
      ...changes,
      version: (before?.version ?? 0) + 1,
    };
    this.hooks.set(hookId, hook);
    for (const listener of this.listeners) listener(hook);
    return hook;
  }

  /** Appends an event and the request for its hooks, in one partition. @returns the request's offset */
  async publish(hookIds: readonly string[], data: string, options: PublishOptions = {}): Promise<number> {
    const [offset] = await this.publishAll(hookIds, [data], options);
    return offset as number;
  }

  /** Many, one record each, in order. */
  async publishMany(hookIds: readonly string[], count: number): Promise<void> {
    for (let from = 0; from < count; from += 200) await this.publishAll(hookIds, Array.from({ length: Math.min(200, count - from) }, (_, n) => String(from + n)));
  }

  private async publishAll(hookIds: readonly string[], data: readonly string[], options: PublishOptions = {}): Promise<readonly number[]> {
    const { partition = 0, tenantId = 'acme', orderingKey = '', catchUp } = options;
    const first = options.position ?? this.position;
    this.position = Math.max(this.position, first + data.length);
    const values = data.map((text, n) =>
      Buffer.from(EventAccepted.encode({ ...EventAccepted.decode(new Uint8Array(0)), tenantId, eventId: `evt_${first + n}`, type: 'order.paid', orderingKey, acceptedAtMs: Date.now(), occurredAtMs: Date.now(), contentType: 'application/json', data: Buffer.from(text) }).finish()),
    );
    const offsets = await this.log.append(values.map((value) => ({ topic: Topics.eventsAccepted, partition, key: null, value })));
    const hooks = [...hookIds].sort().map((hookId) => ({ hookId, version: this.hooks.get(hookId)?.version ?? 1 }));
    return this.log.append(
      values.map((value, n) => {
        const request = { tenantId, eventId: `evt_${first + n}`, sourceStream: catchUp ? `replay/${partition}` : `lineage/${partition}`, sourcePosition: first + n, hooks, trigger: catchUp ? 'catch-up' : 'event', replayId: catchUp ?? '' };
        const requested = DeliveriesRequested.encode({ kind: { $case: 'request', value: request } }).finish();
        return { topic: Topics.deliveriesRequested, partition, key: null, value: requested, attachment: { topic: Topics.eventsAccepted, partition, offset: offsets[n] as number, value } };
      }),
    );
  }

  async command(hookId: string, command: Partial<LaneCommand>): Promise<number> {
    const value = { ...LaneCommand.decode(new Uint8Array(0)), tenantId: 'acme', commandId: `cmd_${this.position}`, hookId, ...command };
    const [offset] = await this.log.append([{ topic: Topics.deliveriesRequested, partition: 0, key: null, value: DeliveriesRequested.encode({ kind: { $case: 'command', value } }).finish() }]);
    return offset as number;
  }

  async outcomes(partition = 0): Promise<DeliveryOutcome[]> {
    const bounds = (await this.log.bounds(Topics.deliveryOutcomes))[partition]!;
    // Only what is new: whoever waits asks often, and the process that reads is the one that delivers.
    const known = this.knownOutcomes.get(partition) ?? [];
    this.knownOutcomes.set(partition, known);
    const from = bounds.first + known.length;
    if (from < bounds.next) {
      for await (const records of this.log.read({ topic: Topics.deliveryOutcomes, partition, from, to: bounds.next })) known.push(...records.map(({ value }) => DeliveryOutcome.decode(value)));
    }
    return [...known];
  }

  /** @param withinMs of standing still: how fast a busy machine gets on is nobody's promise */
  async untilOutcomes(isEnough: (outcomes: DeliveryOutcome[]) => boolean, withinMs = 10_000, partition = 0): Promise<DeliveryOutcome[]> {
    let endMs = Date.now() + withinMs;
    let count = 0;
    for (;;) {
      const outcomes = await this.outcomes(partition);
      if (isEnough(outcomes)) return outcomes;
      if (outcomes.length > count) endMs = Date.now() + withinMs;
      count = outcomes.length;
      if (Date.now() > endMs) throw new Error(`not enough outcomes: ${JSON.stringify(outcomes.slice(-5).map(({ hookId, fate, fateReason, attempt, streak }) => ({ hookId, fate, fateReason, number: attempt?.number, code: attempt?.errorCode, streak })))} (${outcomes.length})`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** What is left in Postgres once nothing changes any more. */
  async untilQuiet(withinMs = 5_000): Promise<{ parked: number; events: number; lanes: number }> {
    const endMs = Date.now() + withinMs;
    for (;;) {
      const [left] = await this.rows<{ parked: number; events: number; lanes: number }>(
        'SELECT (SELECT count(*)::int FROM delivery.parked) AS parked, (SELECT count(*)::int FROM delivery.parked_events) AS events, (SELECT count(*)::int FROM delivery.lanes) AS lanes',
      );
      if (left && (left.parked + left.events + left.lanes === 0 || Date.now() > endMs)) return left;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async rows<Row extends object>(sql: string): Promise<Row[]> {
    return (await this.database.pool('test', 2).query<Row>(sql)).rows;
  }
}

const fastRetry = { unavailableDelaysMs: [50, 100], unavailableGiveUpMs: 60_000, rejectedDelaysMs: [50, 50], onExhausted: 'skip' };

function withOthers(log: EventLogConnection, isMute: () => boolean): EventLog {
  return { soleWriter: false, partitionsOf: (topic) => log.partitionsOf(topic), append: (records, more) => (isMute() ? new Promise(() => undefined) : log.append(records, more)), subscribe: (how) => log.subscribe(how), read: (range) => log.read(range), bounds: (topic) => log.bounds(topic) };
}

function bound(consumer: TopicConsumer): TopicConsumer {
  return { assigned: (partitions, committed) => consumer.assigned!(partitions, committed), revoked: (partitions) => consumer.revoked!(partitions), handle: (batch) => consumer.handle(batch) };
}
