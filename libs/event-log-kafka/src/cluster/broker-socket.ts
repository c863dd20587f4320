import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactoryArgs } from 'kafkajs';

const KEEP_ALIVE_MS = 60_000;

/**
 * Like kafkajs's own, with two differences: a small request does not wait for the acknowledgement of the one before it (Nagle), and
 * kafkajs's repeated disconnecting of a socket that never connected does not look like a leak of listeners.
 */
export function brokerSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  // Server name indication is for names, not for addresses.
  const socket = ssl ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect) : connect({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  socket.setMaxListeners(0);
  return socket;
}
