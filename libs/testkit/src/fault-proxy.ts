import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP relay on 127.0.0.1 between a client and a server, which can make the way between them fail. */
export interface FaultProxy {
  readonly port: number;
  /** Cuts every connection (TCP RST) and refuses new ones until `heal`: the server is away. */
  away(): void;
  /** Takes new connections and lets no byte through in either direction until `heal`: the way swallows everything. */
  freeze(): void;
  /** Lets requests through and keeps back what the server answers until `heal` or `cut`: the fate of a request stays unknown. */
  loseAnswers(): void;
  /** Cuts the connections of this moment once; new ones work. What was kept back is lost. */
  cut(): void;
  heal(): void;
  stop(): Promise<void>;
}

type Mode = 'open' | 'away' | 'frozen' | 'answers-lost';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** @param target where the server listens */
export async function startFaultProxy(target: { host?: string; port: number }): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let mode: Mode = 'open';

  const apply = (pair: Pair): void => {
    flow(pair.client, pair.server, mode === 'open' || mode === 'answers-lost');
    flow(pair.server, pair.client, mode === 'open');
  };
  const enter = (next: Mode): void => {
    mode = next;
    for (const pair of pairs) apply(pair);
  };
  const cut = (): void => {
    for (const { client, server } of pairs) {
      reset(client);
      reset(server);
    }
  };

  const listener = createServer((client) => {
    if (mode === 'away') return void reset(client);
    const pair: Pair = { client, server: connect({ host: target.host ?? '127.0.0.1', port: target.port }) };
    pairs.add(pair);
    for (const [socket, other] of [[pair.client, pair.server], [pair.server, pair.client]] as const) {
      // A reset on one side is passed on by the close that follows it.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
    apply(pair);
  });
  await new Promise<void>((done, fail) => listener.once('error', fail).listen(0, '127.0.0.1', done));

  return {
    port: (listener.address() as AddressInfo).port,
    cut,
    away: () => {
      enter('away');
      cut();
    },
    freeze: () => enter('frozen'),
    loseAnswers: () => enter('answers-lost'),
    heal: () => enter('open'),
    stop: async () => {
      const closed = new Promise<void>((done) => listener.close(() => done()));
      cut();
      await closed;
    },
  };
}

function flow(from: Socket, to: Socket, open: boolean): void {
  if (open) from.pipe(to);
  else {
    from.unpipe(to);
    from.pause();
  }
}

/** A socket that has begun to end cannot be reset any more; Node would keep its handle for ever. */
function reset(socket: Socket): void {
  if (socket.writableEnded || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}
