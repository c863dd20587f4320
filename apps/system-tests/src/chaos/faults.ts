import { setTimeout as pause } from 'node:timers/promises';
import type { FaultProxy, KafkaCluster } from '@hooklane/testkit';
import type { Platform } from '../platform/platform.js';
import type { Fault, Ground } from './fault.js';
import { signalAll } from './processes.js';

/** How long things are away or stand still; HOOKLANE_OUTAGE_SECONDS=30 is the long run. */
export const outageMs = Number(process.env['HOOKLANE_OUTAGE_SECONDS'] ?? 3) * 1_000;

/** Longer than a lease (10 s), so that another owner may begin. */
const LEASE_IS_OVER_MS = 12_000;
const BLACK_HOLE_MS = Math.max(10_000, outageMs);
const RESET_EVERY_MS = 1_000;
const LATENCY_MS = 200;
/** What a repeat after an outage would need: shorter ones leave the lease where it is. */
const LEASE_SAFE_MS = 4_000;
const SERVICES = ['event-ingest', 'fanout', 'delivery', 'registry', 'log-query'];
const EMBEDDED: readonly Ground[] = ['embedded', 'embedded, Postgres elsewhere'];

const unharmedIfShort = (ms: number): Fault['owner'] => (ms <= LEASE_SAFE_MS ? 'unharmed' : 'cut-off');

function fault(name: string, grounds: readonly Ground[], run: Fault['run'], more: Partial<Fault> = {}): Fault {
  return { name, grounds, always: [], owner: 'unharmed', acceptorDies: false, unready: false, run, ...more };
}

const killed = (name: string): Fault['run'] => async (platform) => {
  await platform.kill(name);
  await platform.restart(name);
};

const standsStill = (name: string, ms: number): Fault['run'] => async (platform) => {
  signalAll(platform, name, 'SIGSTOP');
  await pause(ms);
  signalAll(platform, name, 'SIGCONT');
};

/** As a deploy does it: one after the other, and deliveries are handed over to a second instance and back. */
const rollingRestart = async (platform: Platform): Promise<void> => {
  const before = new Set(platform.processes().map(({ name }) => name));
  await platform.another('delivery');
  const second = platform.processes().find(({ name }) => !before.has(name))?.name ?? 'delivery';
  for (const name of SERVICES) {
    await platform.terminate(name);
    await platform.restart(name);
  }
  await platform.terminate(second);
};

const services: readonly Fault[] = [
  fault('all-in-one is killed', EMBEDDED, killed('all-in-one'), { owner: 'dies', acceptorDies: true, always: ['embedded'] }),
  fault('all-in-one stands still', EMBEDDED, standsStill('all-in-one', outageMs), { owner: unharmedIfShort(outageMs) }),
  fault('all-in-one stands still for longer than its lease', ['embedded'], standsStill('all-in-one', LEASE_IS_OVER_MS), { owner: 'cut-off' }),
  fault('all-in-one is deployed anew', ['embedded'], async (platform) => {
    await platform.terminate('all-in-one');
    await platform.restart('all-in-one');
  }, { always: ['embedded'] }),
  ...SERVICES.map((name) => fault(`${name} is killed`, ['distributed'], killed(name), { owner: name === 'delivery' ? 'dies' : 'unharmed', acceptorDies: name === 'event-ingest', always: name === 'delivery' ? ['distributed'] : [] })),
  ...SERVICES.map((name) => fault(`${name} stands still`, ['distributed'], standsStill(name, outageMs), { owner: name === 'delivery' ? unharmedIfShort(outageMs) : 'unharmed' })),
  fault('delivery stands still while another takes over', ['distributed'], async (platform) => {
    await platform.another('delivery');
    await standsStill('delivery', LEASE_IS_OVER_MS + 4_000)(platform);
  }, { owner: 'cut-off' }),
  // hand-over.chaos.spec.ts does the same in every run.
  fault('all services are restarted one after the other', ['distributed'], rollingRestart),
];

const database: readonly Fault[] = [
  fault('Postgres dies', ['distributed', ...EMBEDDED], (platform) => platform.kill('postgres')),
  fault('Postgres dies again and again', ['distributed', ...EMBEDDED], async (platform) => {
    for (const end = Date.now() + outageMs; Date.now() < end; await pause(500)) {
      // Between two starts there is no server, and no file that says who it is.
      await platform.kill('postgres').catch(() => undefined);
    }
  }, { owner: unharmedIfShort(outageMs), always: ['embedded'] }),
  fault('Postgres stands still', ['distributed', ...EMBEDDED], standsStill('postgres', outageMs), { owner: unharmedIfShort(outageMs) }),
];

/** Finds the broker that leads what delivery reads. */
async function leader(kafka: KafkaCluster): Promise<number> {
  return (await kafka.leaderOf('deliveries.requested', 0)) ?? 0;
}

const withKafka = (run: (kafka: KafkaCluster) => Promise<void>): Fault['run'] => async ({ ground: { kafka } }) => {
  if (kafka === null) throw new Error('These brokers are not ours.');
  await run(kafka);
  await kafka.inSync();
};

const brokers: readonly Fault[] = [
  fault('the broker that leads is killed', ['distributed'], withKafka(async (kafka) => {
    const victim = await leader(kafka);
    await kafka.kill9(victim);
    await pause(outageMs);
    await kafka.restart(victim);
    // It may have led the group, too: partitions change hands while the outcome of an answer cannot be written.
  }), { owner: 'cut-off', always: ['distributed'] }),
  fault('the broker that leads stops in order', ['distributed'], withKafka(async (kafka) => {
    const victim = await leader(kafka);
    await kafka.terminate(victim);
    await kafka.restart(victim);
  })),
  fault('the broker that leads stands still', ['distributed'], withKafka(async (kafka) => {
    const victim = await leader(kafka);
    await kafka.freeze(victim);
    await pause(outageMs * 2);
    await kafka.thaw(victim);
  }), { owner: 'cut-off' }),
  fault('one broker after the other is killed', ['distributed'], withKafka(async (kafka) => {
    for (const victim of [0, 1, 2]) {
      await kafka.kill9(victim);
      await kafka.restart(victim);
      await kafka.inSync();
    }
  }), { owner: 'cut-off' }),
  fault('two of three brokers are killed', ['distributed'], withKafka(async (kafka) => {
    await Promise.all([kafka.kill9(0), kafka.kill9(1)]);
    await pause(BLACK_HOLE_MS);
    await Promise.all([kafka.restart(0), kafka.restart(1)]);
  }), { owner: 'cut-off', unready: true }),
  fault('Kafka stands still', ['distributed'], withKafka(async (kafka) => {
    await Promise.all([0, 1, 2].map((broker) => kafka.freeze(broker)));
    await pause(outageMs);
    await Promise.all([0, 1, 2].map((broker) => kafka.thaw(broker)));
  }), { owner: unharmedIfShort(outageMs) }),
];

type Side = 'Kafka' | 'Postgres';

function proxiesOf(platform: Platform, side: Side): readonly FaultProxy[] {
  const { kafka, database: proxy } = platform.ground;
  return side === 'Kafka' ? (kafka?.proxies ?? []) : proxy === null ? [] : [proxy];
}

/** What a way may do to everybody who takes it, and for how long. */
const way = (sides: readonly Side[], change: (proxy: FaultProxy) => void, ms: number): Fault['run'] => async (platform) => {
  const proxies = sides.flatMap((side) => proxiesOf(platform, side));
  if (proxies.length === 0) throw new Error(`There is no proxy before ${sides.join(' or ')}.`);
  for (const proxy of proxies) change(proxy);
  await pause(ms);
  for (const proxy of proxies) proxy.heal();
};

const resets = (side: Side): Fault['run'] => async (platform) => {
  for (const end = Date.now() + outageMs * 2; Date.now() < end; await pause(RESET_EVERY_MS)) for (const proxy of proxiesOf(platform, side)) proxy.cut();
};

const network: readonly Fault[] = (['Kafka', 'Postgres'] as const).flatMap((side) => {
  const grounds: readonly Ground[] = side === 'Kafka' ? ['distributed'] : ['distributed', 'embedded, Postgres elsewhere'];
  return [
    fault(`the way to ${side} takes ${LATENCY_MS} ms`, grounds, way([side], (proxy) => proxy.slow({ delayMs: LATENCY_MS }), outageMs * 2), { owner: 'cut-off' }),
    fault(`the way to ${side} is narrow`, grounds, way([side], (proxy) => proxy.slow({ bytesPerSecond: 30_000 }), outageMs), { owner: 'cut-off' }),
    fault(`connections to ${side} are reset every second`, grounds, resets(side), { owner: 'cut-off', always: side === 'Postgres' ? ['distributed'] : [] }),
    fault(`${side} is in a black hole`, grounds, way([side], (proxy) => proxy.freeze(), BLACK_HOLE_MS), { owner: 'cut-off', unready: true, always: side === 'Kafka' ? ['distributed'] : [] }),
    fault(`${side} refuses connections`, grounds, way([side], (proxy) => proxy.away(), BLACK_HOLE_MS), { owner: 'cut-off', unready: true }),
    fault(`connections to ${side} are half open`, grounds, way([side], (proxy) => proxy.halfOpen(), outageMs), { owner: 'cut-off', always: side === 'Postgres' ? ['embedded, Postgres elsewhere'] : [] }),
    fault(`answers of ${side} are lost`, grounds, way([side], (proxy) => {
      proxy.loseAnswers();
      setTimeout(() => proxy.cut(), 1_000);
    }, 1_500), { owner: 'cut-off' }),
  ];
});

export const faults: readonly Fault[] = [
  ...services,
  ...database,
  ...brokers,
  ...network,
  fault('Kafka and Postgres are in a black hole', ['distributed'], way(['Kafka', 'Postgres'], (proxy) => proxy.freeze(), BLACK_HOLE_MS), { owner: 'cut-off', unready: true }),
];
