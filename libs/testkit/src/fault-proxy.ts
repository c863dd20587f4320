import { connect, createServer, type Socket } from 'node:net';
import { FaultFlow, type Manner } from './fault-flow.js';
import { freePort } from './free-ports.js';

/** A TCP relay on 127.0.0.1 between a client and a server, which can make the way between them fail. */
export interface FaultProxy {
  readonly port: number;
  /** Cuts every connection (TCP RST) and refuses new ones until `heal`: the server is away. */
  away(): void;
  /** Takes new connections and lets no byte through in either direction until `heal`: the way swallows everything (a black hole). */
  freeze(): void;
  /** Lets requests through and keeps back what the server answers until `heal` or `cut`: the fate of a request stays unknown. */
  loseAnswers(): void;
  /** Both directions alike, until `heal`: each byte is `delayMs` on its way, and `bytesPerSecond` pass. */
  slow(how: { readonly delayMs?: number; readonly bytesPerSecond?: number }): void;
  /** Cuts the connections of this moment once; new ones work. What was kept back is lost. */
  cut(): void;
  /** Forgets the connections of this moment as a router does that restarts: both sides still have them, and neither hears of the other again. New ones work. */
  halfOpen(): void;
  heal(): void;
  stop(): Promise<void>;
}

interface Way {
  readonly toServer: Manner;
  readonly toClient: Manner;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  readonly toServer: FaultFlow;
  readonly toClient: FaultFlow;
  forgotten: boolean;
}

const OPEN: Manner = { open: true, delayMs: 0, bytesPerSecond: null };
const CLOSED: Manner = { ...OPEN, open: false };

/**
 * @param target where the server listens
 * @param port of the proxy; default: a free one
 */
export async function startFaultProxy(target: { host?: string; port: number }, port?: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let way: Way = { toServer: OPEN, toClient: OPEN };

  const enter = (toServer: Manner, toClient: Manner): void => {
    way = { toServer, toClient };
    for (const pair of pairs) {
      if (pair.forgotten) continue;
      pair.toServer.change(toServer);
      pair.toClient.change(toClient);
    }
  };
  const cut = (): void => {
    for (const { client, server } of pairs) {
      reset(client);
      reset(server);
    }
  };

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true });
    const pair: Pair = { client, server, toServer: new FaultFlow(client, server, way.toServer), toClient: new FaultFlow(server, client, way.toClient), forgotten: false };
    pairs.add(pair);
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      // A reset on one side is passed on by the close that follows it.
      socket.on('error', () => undefined);
      socket.once('close', (hadError) => {
        if (pair.forgotten && !other.destroyed) return;
        pairs.delete(pair);
        if (hadError) other.destroy();
      });
    }
  });
  const chosen = port ?? (await freePort());
  const listen = (): Promise<void> => new Promise((done, fail) => listener.once('error', fail).listen(chosen, '127.0.0.1', done));
  await listen();

  return {
    port: chosen,
    cut,
    away: () => {
      listener.close();
      cut();
    },
    freeze: () => enter(CLOSED, CLOSED),
    loseAnswers: () => enter(OPEN, CLOSED),
    slow: ({ delayMs = 0, bytesPerSecond }) => {
      const manner = { open: true, delayMs, bytesPerSecond: bytesPerSecond ?? null };
      enter(manner, manner);
    },
    halfOpen: () => {
      for (const pair of pairs) {
        pair.forgotten = true;
        pair.toServer.forget();
        pair.toClient.forget();
      }
    },
    heal: () => {
      enter(OPEN, OPEN);
      if (!listener.listening) void listen();
    },
    stop: async () => {
      const closed = new Promise<void>((done) => listener.close(() => done()));
      cut();
      await closed;
    },
  };
}

/** A socket that has begun to end cannot be reset any more; Node would keep its handle for ever. */
function reset(socket: Socket): void {
  if (socket.writableEnded || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}
