import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startAnyKafka } from './kafka-broker.js';
import { startTestPostgres } from './test-postgres.js';

/** The servers that all specs of a run share. */
export type SharedServerName = 'postgres' | 'kafka';

/** A URL for Postgres; for Kafka the brokers' `host:port`, separated by commas. */
interface Started {
  readonly address: string;
  stop(): Promise<void>;
}

const GIVEN: Record<SharedServerName, string> = { postgres: 'HOOKLANE_TEST_POSTGRES_URL', kafka: 'KAFKA_BROKERS' };
/** Set for the workers of a run: where the process that owns the servers hands out their addresses. */
const COUNTER = 'HOOKLANE_TEST_SERVERS';

const starters: Record<SharedServerName, () => Promise<Started>> = {
  postgres: startTestPostgres,
  kafka: async () => {
    const { brokers, stop } = await startAnyKafka();
    return { address: brokers.join(','), stop };
  },
};

/** Each server is started when the first spec asks for it, so that a run pays only for what it uses. */
class SharedServers {
  private readonly started = new Map<SharedServerName, Promise<Started>>();

  async address(name: SharedServerName): Promise<string> {
    const running = this.started.get(name) ?? starters[name]();
    this.started.set(name, running);
    return (await running).address;
  }

  async stop(): Promise<void> {
    const running = await Promise.allSettled(this.started.values());
    this.started.clear();
    await Promise.all(running.map(async (outcome) => (outcome.status === 'fulfilled' ? outcome.value.stop() : undefined)));
  }
}

/** @returns the address of the run's server; without a run (a script, a debugger) of one that this process starts and ends. */
export async function sharedServer(name: SharedServerName): Promise<string> {
  const given = process.env[GIVEN[name]];
  if (given !== undefined && given !== '') return given;
  const counter = process.env[COUNTER];
  if (counter === undefined) return ownServers().address(name);
  const answer = await fetch(`${counter}/${name}`, { headers: { connection: 'close' } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

/** Kept on the global object, because a test runner may load this module once a spec. */
function ownServers(): SharedServers {
  const holder = globalThis as { hooklaneTestServers?: SharedServers };
  return (holder.hooklaneTestServers ??= new SharedServers());
}

/** For the start of a run: opens the counter at which the workers ask, and names it in the environment that they inherit. */
export async function openSharedServers(): Promise<() => Promise<void>> {
  const servers = new SharedServers();
  const counter = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    if (name !== 'postgres' && name !== 'kafka') return void response.writeHead(404).end();
    servers.address(name).then(
      (address) => response.end(address),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((done, fail) => counter.once('error', fail).listen(0, '127.0.0.1', done));
  process.env[COUNTER] = `http://127.0.0.1:${(counter.address() as AddressInfo).port}`;
  return async () => {
    delete process.env[COUNTER];
    counter.close();
    counter.closeAllConnections();
    await servers.stop();
  };
}
