import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import './kafka-client.js';

interface Address {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

interface OpenBroker {
  readonly nodeId: number | null;
  readonly connectionPool: { readonly host: string; readonly port: number };
}

interface OpenPool {
  readonly brokers: Record<string, OpenBroker>;
  createBroker: unknown;
  connect(): Promise<void>;
  refreshMetadata(topics: readonly string[]): Promise<void>;
  findBroker(wanted: { nodeId: string }): Promise<OpenBroker>;
  removeBroker(address: { host: string; port: number }): void;
}

const Pool = createRequire(import.meta.url)('kafkajs/src/cluster/brokerPool') as new (options: object) => OpenPool;
const HOST = '127.0.0.1';
const NODES: readonly Address[] = [1, 2, 3].map((nodeId) => ({ nodeId, host: HOST, port: 9_000 + nodeId }));
const quiet = { namespace: () => quiet, debug: () => undefined, warn: () => undefined, error: () => undefined };

/** A pool of three brokers that answer when `answers` is called; the first address is the one it is told to begin with. */
async function openPool(): Promise<{ readonly pool: OpenPool; answer(): void; asked(): Promise<void> }> {
  const waiting: (() => void)[] = [];
  const build = ({ host, port }: Partial<Address> = {}): Promise<object> => Promise.resolve({ host: host ?? HOST, port: port ?? 9_001, rack: null });
  const pool = new Pool({ connectionPoolBuilder: { build }, logger: quiet, retry: { retries: 0 } });
  pool.createBroker = ({ connectionPool, nodeId = null }: OpenBroker) => {
    let connected = false;
    return {
      connectionPool: Object.assign(connectionPool, { rack: undefined }),
      nodeId,
      isConnected: () => connected,
      connect: () => Promise.resolve(void (connected = true)),
      disconnect: () => Promise.resolve(void (connected = false)),
      metadata: () => new Promise((done) => waiting.push(() => done({ brokers: NODES, topicMetadata: [], controllerId: 1 }))),
    };
  };
  await pool.connect();
  const asked = async (): Promise<void> => {
    while (waiting.length === 0) await new Promise((next) => setImmediate(next));
  };
  return { pool, asked, answer: () => waiting.splice(0).forEach((done) => done()) };
}

async function found(pool: OpenPool): Promise<Address[]> {
  const brokers = await Promise.all(NODES.map(({ nodeId }) => pool.findBroker({ nodeId: String(nodeId) })));
  return brokers.map(({ nodeId, connectionPool: { host, port } }) => ({ nodeId: nodeId ?? -1, host, port }));
}

describe('the brokers that kafkajs knows', () => {
  it('are who they say they are when the first one is lost while another request asks who there is', async () => {
    const { pool, asked, answer } = await openPool();
    const refresh = async (whileAsked: () => void): Promise<void> => {
      const refreshed = pool.refreshMetadata([]);
      await asked();
      whileAsked();
      answer();
      await refreshed;
    };
    await refresh(() => undefined);
    expect(await found(pool)).toEqual(NODES);
    await refresh(() => pool.removeBroker({ host: HOST, port: 9_001 }));
    await refresh(() => undefined);
    expect(await found(pool)).toEqual(NODES);
  });
});
