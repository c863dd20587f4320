import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One request as it arrived, whole. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values alternating, as sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** Wall time in milliseconds when the last byte of it was here. */
  readonly arrivedAtMs: number;
  /** Which TCP connection it came on, counted from 1: shows whether connections are used again. */
  readonly connection: number;
  /** What it was answered and when (wall time), once the whole answer was handed to the system; null before that, and for ever if it never was. */
  readonly answer: { readonly status: number; readonly atMs: number } | null;
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** What the receiver does with the nth request (from 0) on a path. */
export type Behaviour = (request: ReceivedRequest, nth: number) => Reaction;

export type Reaction =
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string | string[]>>; readonly body?: string | Buffer; readonly afterMs?: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Sends the status at once and then `bytes` bytes, one every `everyMs`. */
  | { readonly kind: 'drip'; readonly status: number; readonly everyMs: number; readonly bytes: number }
  /** Sends `bytes` bytes as fast as they are taken. */
  | { readonly kind: 'flood'; readonly status: number; readonly bytes: number }
  /** Cuts the connection (TCP RST), before an answer or in the middle of one. */
  | { readonly kind: 'reset'; readonly midAnswer?: boolean };

/** Ready-made behaviours. */
export const behaviours = {
  status: (status: number, more: { headers?: Record<string, string | string[]>; body?: string | Buffer } = {}): Behaviour => () => ({ kind: 'answer', status, ...more }),
  delay: (afterMs: number, status = 200): Behaviour => () => ({ kind: 'answer', status, afterMs }),
  hang: (): Behaviour => () => ({ kind: 'hang' }),
  drip: (everyMs: number, bytes: number, status = 200): Behaviour => () => ({ kind: 'drip', status, everyMs, bytes }),
  flood: (bytes: number, status = 200): Behaviour => () => ({ kind: 'flood', status, bytes }),
  reset: (midAnswer = false): Behaviour => () => ({ kind: 'reset', midAnswer }),
  /** Goes through the statuses in turn and begins again. */
  flap: (...statuses: number[]): Behaviour => (_request, nth) => ({ kind: 'answer', status: statuses[nth % statuses.length] ?? 200 }),
  /** The first `count` requests get `status`, the others 200. */
  failFirst: (count: number, status = 500): Behaviour => (_request, nth) => ({ kind: 'answer', status: nth < count ? status : 200 }),
} as const;

/** A real HTTP server on 127.0.0.1 that records what it gets and behaves as told. */
export interface Receiver {
  readonly port: number;
  /** The address of a path of it; `path` begins with a slash. */
  url(path?: string): string;
  /** Sets what happens on a path (without query) from now on; counting begins anew. Other paths answer 200. */
  on(path: string, behaviour: Behaviour): void;
  /** All requests, in the order in which they were complete. */
  readonly requests: readonly ReceivedRequest[];
  to(path: string): ReceivedRequest[];
  /** Resolves with the requests (on `path`, or all) as soon as there are `count`; rejects after `withinMs` (default 10 s), saying how many came. */
  waitFor(count: number, options?: { path?: string; withinMs?: number }): Promise<ReceivedRequest[]>;
  /** Requests under way now, and the most there ever were at once on a path. */
  open(path?: string): { now: number; most: number };
  clear(): void;
  /** Ends at once; open connections are cut. */
  stop(): Promise<void>;
}

interface PathState {
  behaviour: Behaviour;
  /** All since the last `clear`; kept by path, so that counting thousands does not walk over them. */
  requests: ReceivedRequest[];
  seen: number;
  open: number;
  most: number;
}

const DEFAULT_WAIT_MS = 10_000;
const FLOOD_CHUNK = Buffer.alloc(64 * 1024, 'x');

/** @param port default: a free one; a fixed one lets a receiver come back where it was. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const paths = new Map<string, PathState>();
  const sockets = new Map<Socket, number>();
  const waiting = new Set<() => void>();
  let connections = 0;

  const stateOf = (path: string): PathState => {
    const existing = paths.get(path);
    if (existing) return existing;
    const fresh: PathState = { behaviour: behaviours.status(200), requests: [], seen: 0, open: 0, most: 0 };
    paths.set(path, fresh);
    return fresh;
  };

  const take = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const state = stateOf(pathOf(incoming.url ?? '/'));
    state.open += 1;
    state.most = Math.max(state.most, state.open);
    response.once('close', () => (state.open -= 1));
    const request = await receive(incoming, sockets.get(incoming.socket) ?? 0);
    response.once('finish', () => (request.answer = { status: response.statusCode, atMs: Date.now() }));
    requests.push(request);
    state.requests.push(request);
    for (const look of [...waiting]) look();
    await react(state.behaviour(request, state.seen++), response);
  };

  // A sender that goes away in the middle is an ordinary thing here and shows in the sender's own records.
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => void take(incoming, response).catch(() => response.destroy()));
  server.on('connection', (socket) => {
    sockets.set(socket, ++connections);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  const bound = (server.address() as AddressInfo).port;

  return {
    port: bound,
    requests,
    to: (path) => [...stateOf(path).requests],
    url: (path = '/') => `http://127.0.0.1:${bound}${path}`,
    on: (path, behaviour) => Object.assign(stateOf(path), { behaviour, seen: 0 }),
    open: (path = '/') => ({ now: stateOf(path).open, most: stateOf(path).most }),
    clear: () => {
      requests.length = 0;
      for (const state of paths.values()) state.requests.length = 0;
    },
    waitFor: (count, { path, withinMs = DEFAULT_WAIT_MS } = {}) => {
      const arrived = path === undefined ? requests : stateOf(path).requests;
      return new Promise((done, fail) => {
        const look = (): void => {
          if (arrived.length < count) return;
          clearTimeout(limit);
          waiting.delete(look);
          done([...arrived]);
        };
        const limit = setTimeout(() => {
          waiting.delete(look);
          fail(new Error(`Waited ${withinMs} ms for ${count} requests${path === undefined ? '' : ` on ${path}`}, and ${arrived.length} came.`));
        }, withinMs);
        waiting.add(look);
        look();
      });
    },
    stop: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** By events: iterating over the stream costs more than all the rest of a request. */
function receive(incoming: IncomingMessage, connection: number): Promise<Writable<ReceivedRequest>> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.once('error', fail);
    incoming.once('end', () => {
      const { method = '', url = '/', headers, rawHeaders } = incoming;
      done({ method, path: url, headers, rawHeaders, body: Buffer.concat(chunks), arrivedAtMs: Date.now(), connection, answer: null });
    });
  });
}

async function react(reaction: Reaction, response: ServerResponse): Promise<void> {
  switch (reaction.kind) {
    case 'answer':
      if (reaction.afterMs !== undefined) await sleep(reaction.afterMs, undefined, { ref: false });
      response.writeHead(reaction.status, reaction.headers ?? {}).end(reaction.body ?? '');
      return;
    case 'hang':
      return;
    case 'drip':
      response.writeHead(reaction.status);
      for (let sent = 0; sent < reaction.bytes && !response.destroyed; sent++) {
        response.write('.');
        await sleep(reaction.everyMs, undefined, { ref: false });
      }
      response.end();
      return;
    case 'flood':
      await flood(reaction, response);
      return;
    case 'reset':
      if (reaction.midAnswer === true) await new Promise<void>((done) => response.writeHead(200, { 'content-length': '100' }).write('half', () => done()));
      response.socket?.resetAndDestroy();
      return;
    default:
      reaction satisfies never;
  }
}

async function flood({ status, bytes }: { status: number; bytes: number }, response: ServerResponse): Promise<void> {
  response.writeHead(status);
  const closed = once(response, 'close');
  for (let left = bytes; left > 0 && !response.destroyed; left -= FLOOD_CHUNK.length) {
    if (response.write(FLOOD_CHUNK.subarray(0, Math.min(left, FLOOD_CHUNK.length)))) continue;
    await Promise.race([once(response, 'drain'), closed]);
  }
  response.end();
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '/';
}
