import { limits } from '@hooklane/contracts';
import type { TargetPolicy } from '@hooklane/routing';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { SendFailureCode, SendResult } from '../attempt/classify.js';
import type { HttpSender, InFlight, OutboundRequest, TlsProfile } from '../ports.js';
import { DeadlineWheel, type Deadlined } from './deadline-wheel.js';
import { assertLiteralAllowed, guardedLookup } from './target-guard.js';

/** How many different TLS and target rules keep their sockets; the one unused for longest is closed. */
const MAX_AGENTS = 256;
// Shorter than what receivers commonly keep a socket for (5 s in Node, 60 s in nginx), so that we seldom write to one that is being closed.
const KEEP_ALIVE_MS = 4_000;
const KEEP_ALIVE_MAX_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const NO_BODY = Buffer.alloc(0);

/** Sends by undici's `dispatch` with a flat header array: four times the requests a second of node:http (stack.md 5). The only place that imports undici. */
export class UndiciSender implements HttpSender {
  private readonly agents = new Map<string, PooledAgent>();
  private readonly policyIds = new WeakMap<TargetPolicy, number>();
  private readonly tlsKeys = new WeakMap<TlsProfile, string>();
  private readonly wheel: DeadlineWheel;
  private policies = 0;

  constructor(private readonly monotonicMs: () => number) {
    this.wheel = new DeadlineWheel(monotonicMs);
  }

  send(request: OutboundRequest): InFlight {
    const exchange = new Exchange(request, this.monotonicMs, this.wheel);
    try {
      exchange.dispatch(this.agentOf(request.tls, request.targets));
    } catch (error) {
      // Never before `send` has returned: the caller must know the exchange first.
      queueMicrotask(() => exchange.onError(error as Error));
    }
    return exchange;
  }

  async close(): Promise<void> {
    this.wheel.close();
    const agents = [...this.agents.values()];
    this.agents.clear();
    await Promise.all(agents.map(({ agent }) => agent.destroy()));
  }

  /** Sockets are pooled by origin only, so whoever verifies differently, or may reach other addresses, must not share an agent. */
  private agentOf(tls: TlsProfile, targets: TargetPolicy): PooledAgent {
    const key = `${this.policyIdOf(targets)} ${this.tlsKeyOf(tls)}`;
    let agent = this.agents.get(key);
    if (agent) {
      if (this.agents.size > MAX_AGENTS / 2) {
        this.agents.delete(key);
        this.agents.set(key, agent);
      }
      return agent;
    }
    agent = newAgent(tls, targets, this.monotonicMs);
    this.agents.set(key, agent);
    if (this.agents.size > MAX_AGENTS) this.closeOldest();
    return agent;
  }

  private closeOldest(): void {
    const [oldest] = this.agents.entries();
    if (!oldest) return;
    this.agents.delete(oldest[0]);
    // `close` lets requests under way finish.
    oldest[1].agent.close().catch(() => undefined);
  }

  private policyIdOf(policy: TargetPolicy): number {
    let id = this.policyIds.get(policy);
    if (id === undefined) {
      id = ++this.policies;
      this.policyIds.set(policy, id);
    }
    return id;
  }

  private tlsKeyOf(tls: TlsProfile): string {
    let key = this.tlsKeys.get(tls);
    if (key === undefined) {
      key = JSON.stringify([tls.verify, tls.caPem, tls.clientCertificatePem, tls.clientKeyPem]);
      this.tlsKeys.set(tls, key);
    }
    return key;
  }
}

interface PooledAgent {
  readonly agent: Agent;
  /** When a connection to an origin came about last: tells a request on a new connection from one on an open one. */
  readonly connectedMs: Map<string, number>;
}

const MAX_ORIGINS_REMEMBERED = 10_000;

function newAgent(tls: TlsProfile, targets: TargetPolicy, monotonicMs: () => number): PooledAgent {
  const connectedMs = new Map<string, number>();
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    rejectUnauthorized: tls.verify,
    ...(tls.caPem ? { ca: tls.caPem } : {}),
    ...(tls.clientCertificatePem ? { cert: tls.clientCertificatePem, key: tls.clientKeyPem } : {}),
    lookup: guardedLookup(targets),
  } as buildConnector.BuildOptions);
  const agent = new Agent({
    // In flight is bounded by the lanes' slots. A cap here would let a hanging path of a host hold up the other hooks on it.
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
    // The wheel has the total deadline.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Once for each connection is enough: those of other rules are in another agent.
    connect: (options, callback) => {
      try {
        assertLiteralAllowed(options.hostname, targets);
      } catch (error) {
        return callback(error as Error, null);
      }
      return connect(options, (...answer: Parameters<buildConnector.Callback>) => {
        if (connectedMs.size >= MAX_ORIGINS_REMEMBERED) connectedMs.clear();
        connectedMs.set(`${options.protocol}//${options.host}`, monotonicMs());
        callback(...answer);
      });
    },
  });
  return { agent, connectedMs };
}

/** One request and its answer, as undici's handler: one object, no promise and no closure. */
class Exchange implements InFlight, Deadlined, Dispatcher.DispatchHandler {
  deadlineSlot: Set<Deadlined> | null = null;
  private readonly startedMs: number;
  private agent: PooledAgent | null = null;
  private abort: ((error?: Error) => void) | null = null;
  private connectedMs = 0;
  private firstByteMs = 0;
  private status = 0;
  private headers: string[] = [];
  private chunks: Buffer[] | null = null;
  private bodyBytes = 0;
  private isOver = false;
  private isResent = false;
  private isDispatching = false;
  private isConnectionWaitOver = false;
  private stopped: SendResult | null = null;

  constructor(
    private readonly request: OutboundRequest,
    private readonly monotonicMs: () => number,
    private readonly wheel: DeadlineWheel,
  ) {
    this.startedMs = monotonicMs();
    wheel.add(this, this.firstDeadlineMs());
  }

  dispatch(agent: PooledAgent): void {
    this.agent = agent;
    const { origin, path, headers, body } = this.request;
    this.isDispatching = true;
    try {
      agent.agent.dispatch({ origin, path, method: 'POST', headers, body }, this as unknown as Dispatcher.DispatchHandler);
    } finally {
      this.isDispatching = false;
    }
  }

  interrupt(): void {
    this.stop({ kind: 'failure', code: 'interrupted', detail: '' });
  }

  expired(): void {
    const { timeoutMs } = this.request;
    const deadlineMs = this.firstDeadlineMs();
    // It was the connection's: one that stands has the rest of the attempt's time.
    if (deadlineMs < timeoutMs && this.connectedMs > 0 && !this.isConnectionWaitOver) return this.awaitTotal();
    const waited = this.firstByteMs > 0 ? 'The receiver began to answer but did not finish' : this.connectedMs > 0 ? 'The receiver did not answer' : 'No connection to the receiver came about';
    this.stop({ kind: 'failure', code: 'timeout', detail: `${waited} within ${this.connectedMs > 0 ? timeoutMs : deadlineMs} ms.` });
  }

  private firstDeadlineMs(): number {
    const { timeoutMs, connectTimeoutMs } = this.request;
    return connectTimeoutMs > 0 && connectTimeoutMs < timeoutMs ? connectTimeoutMs : timeoutMs;
  }

  private awaitTotal(): void {
    this.isConnectionWaitOver = true;
    this.wheel.add(this, Math.max(0, this.request.timeoutMs - (this.monotonicMs() - this.startedMs)));
  }

  onConnect(abort: (error?: Error) => void): void {
    this.abort = abort;
    this.connectedMs = this.monotonicMs();
    if (this.isOver) abort(new Error('over'));
    // The event loop may have stood still since the lane decided: look at the lease once more, right before the first byte.
    else if (!this.request.mayStart()) {
      this.stopped = { kind: 'not-started' };
      // Within this call: undici writes the request as soon as it returns.
      abort(new Error('not started'));
    }
  }

  onHeaders(status: number, raw: readonly (Buffer | string)[]): boolean {
    // 1xx answers come before the real one.
    if (status < 200) return true;
    this.firstByteMs = this.monotonicMs();
    this.status = status;
    const headers = new Array<string>(raw.length);
    for (let at = 0; at < raw.length; at += 1) headers[at] = typeof raw[at] === 'string' ? (raw[at] as string) : (raw[at] as Buffer).toString('latin1');
    this.headers = headers;
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.isOver) return false;
    const room = limits.failureBodyBytes - this.bodyBytes;
    this.bodyBytes += chunk.length;
    // undici hands out pieces of a buffer that it uses again.
    (this.chunks ??= []).push(Buffer.from(chunk.length > room ? chunk.subarray(0, room) : chunk));
    if (chunk.length > room) {
      this.finish(this.answer(true));
      this.abort?.(new Error('body cut'));
      return false;
    }
    return true;
  }

  onComplete(): void {
    this.finish(this.answer(false));
  }

  onError(error: Error): void {
    if (this.isOver) return;
    // undici refuses some requests from within `dispatch`; the caller must know the exchange first.
    if (this.isDispatching) return queueMicrotask(() => this.onError(error));
    if (this.stopped) return this.finish(this.stopped);
    const code = codeOf(error);
    // Nothing of the request was written: sending it again at once repeats nothing.
    if (this.connectedMs === 0 && !this.isResent && this.agent && code === 'connection-reset') {
      this.isResent = true;
      return this.dispatch(this.agent);
    }
    this.finish({ kind: 'failure', code, detail: sentenceOf(code, error) });
  }

  private stop(result: SendResult): void {
    if (this.isOver) return;
    this.stopped = result;
    const { abort } = this;
    this.finish(result);
    abort?.(new Error('stopped'));
  }

  private answer(bodyCut: boolean): SendResult {
    const { chunks } = this;
    const body = chunks === null ? NO_BODY : chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    return { kind: 'answer', status: this.status, headers: this.headers, body, bodyCut };
  }

  private finish(result: SendResult): void {
    if (this.isOver) return;
    this.isOver = true;
    this.wheel.remove(this);
    const { startedMs, connectedMs, firstByteMs } = this;
    this.request.completed(result, {
      connectUs: connectedMs > 0 ? microseconds(Math.max(0, (this.agent?.connectedMs.get(this.request.origin) ?? 0) - startedMs)) : 0,
      firstByteUs: firstByteMs > 0 ? microseconds(firstByteMs - startedMs) : 0,
      totalUs: microseconds(this.monotonicMs() - startedMs),
    });
  }
}

function microseconds(ms: number): number {
  return Math.round(ms * 1_000);
}

function codeOf(error: Error): SendFailureCode {
  const { code, name } = error as { code?: unknown; name: string };
  const text = typeof code === 'string' ? code : '';
  switch (text) {
    case 'HOOKLANE_TARGET_BLOCKED':
      return 'target-blocked';
    case 'ECONNREFUSED':
      return 'connection-refused';
    case 'UND_ERR_SOCKET':
      // It cuts the connection itself where an answer has no place: 100 or 101 that nobody asked for, or bytes before the request.
      return /^bad (?:response|upgrade)$/.test(error.message) ? 'protocol-error' : 'connection-reset';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'connection-reset';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'ENODATA':
      return 'dns-failed';
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return 'interrupted';
    case 'UND_ERR_INVALID_ARG':
    case 'ERR_INVALID_ARG_TYPE':
      return 'invalid-request';
  }
  if (/^(?:ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|ERR_OSSL|EPROTO)/.test(text)) return 'tls-failed';
  if (text.startsWith('HPE_') || name === 'HTTPParserError' || text.startsWith('UND_ERR_RES') || text === 'UND_ERR_HEADERS_OVERFLOW') return 'protocol-error';
  return 'connection-failed';
}

/** For a person. The system's own words only where they say more than the code; they never hold more than the receiver's address. */
function sentenceOf(code: SendFailureCode, error: Error): string {
  switch (code) {
    case 'target-blocked':
      return error.message;
    case 'tls-failed':
      return `The TLS handshake with the receiver failed: ${error.message}`;
    case 'invalid-request':
      return `The request cannot be written: ${error.message}`;
    case 'protocol-error':
      return /^bad (?:response|upgrade)$/.test(error.message) ? 'The receiver answered 100 Continue or 101 Switching Protocols, which nobody had asked for.' : '';
    case 'timeout':
      return 'No connection to the receiver came about in time.';
    default:
      return '';
  }
}
