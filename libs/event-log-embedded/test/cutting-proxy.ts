import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between the log and its server and cuts connections at moments that matter. */
export interface CuttingProxy {
  /** The same address by way of the proxy. */
  via(url: string): string;
  /** The next statement with these words is passed on, its answer is not: the connection ends instead. */
  loseAnswerTo(words: string): void;
  /** The next statement with these words does not reach the server. */
  loseStatement(words: string): void;
  /** How often something was cut. */
  cuts(): number;
  close(): Promise<void>;
}

export async function cuttingProxy(): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let target = { host: '127.0.0.1', port: 5432 };
  let plan: { words: string; side: 'answer' | 'statement' } | null = null;
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    let losesAnswer = false;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (data) => {
      if (plan && data.includes(plan.words)) {
        cuts += 1;
        losesAnswer = plan.side === 'answer';
        plan = null;
        if (!losesAnswer) return end();
      }
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (losesAnswer) end();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    via(url) {
      const through = new URL(url);
      target = { host: through.hostname, port: Number(through.port) };
      through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      return through.href;
    },
    loseAnswerTo: (words) => (plan = { words, side: 'answer' }),
    loseStatement: (words) => (plan = { words, side: 'statement' }),
    cuts: () => cuts,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
