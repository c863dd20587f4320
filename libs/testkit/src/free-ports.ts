import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';

/** Below what systems hand out for outgoing connections (Linux from 32768, others from 49152): a port of that range may be taken by a connection before its server is up. */
const FIRST = 20_000;
const LAST = 32_000;

/** `count` ports of 127.0.0.1 that nobody listened on a moment ago, all held open until the last is known so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listening()));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** One of `freePorts`. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

async function listening(): Promise<Server> {
  for (;;) {
    const server = createServer().listen(FIRST + Math.floor(Math.random() * (LAST - FIRST)), '127.0.0.1');
    // Taken: another one.
    if (await once(server, 'listening').then(() => true, () => false)) return server;
  }
}
