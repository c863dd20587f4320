import { credentials, loadPackageDefinition, Metadata, status, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { AppError } from '@hooklane/kernel';
import { limits } from '@hooklane/contracts';
import { errorOfStatus } from '../problem/error-of-status.js';
import { LOADER, protoRoot } from '../process/grpc-server.js';
import type { PeerPasses } from './peer-pass.js';
import type { PeerAddresses, PeerCall, PeerName, Peers } from './peers.js';

const TIMEOUT_MS = 5_000;
const MEGABYTE = 1024 * 1024;
/** A page of attempts with their bodies. */
const MAX_ANSWER_BYTES = limits.batchBytes + 16 * MEGABYTE;
/** A peer that was away for a minute is asked again as soon as it is back, and not when grpc-js has doubled its pause to two minutes. */
const CHANNEL = { 'grpc.max_receive_message_length': MAX_ANSWER_BYTES, 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };

type Unary = (request: object, metadata: Metadata, options: { deadline: number }, done: (error: ServiceError | null, answer: unknown) => void) => void;

/** One channel a peer and service, opened at its first call. */
export class GrpcPeers implements Peers {
  private readonly clients = new Map<string, Client>();

  /** @param addresses asked at each call: in one process the port is known only when it listens */
  constructor(
    private readonly addresses: () => PeerAddresses,
    private readonly passes: Pick<PeerPasses, 'issue'>,
  ) {}

  async call<Answer>({ peer, service, method, request, for: holder, timeoutMs = TIMEOUT_MS }: PeerCall): Promise<Answer> {
    const client = this.client(peer, service);
    const send = (client as unknown as Record<string, Unary | undefined>)[method];
    if (!send) throw new Error(`${service} has no ${method}.`);
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${this.passes.issue(holder)}`);
    return new Promise((resolve, reject) => {
      send.call(client, { ...request, tenant: holder.tenantId }, metadata, { deadline: Date.now() + timeoutMs }, (error, answer) => {
        if (error) reject(peerError(peer, method, error));
        else resolve(answer as Answer);
      });
    });
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  private client(peer: PeerName, service: string): Client {
    const address = this.addresses()[peer];
    if (address === undefined) throw unavailable(peer, `No address of ${peer} is configured.`);
    const key = `${peer}/${service}`;
    const known = this.clients.get(key);
    if (known) return known;
    const client = new (clientOf(service))(address, credentials.createInsecure(), CHANNEL);
    this.clients.set(key, client);
    return client;
  }
}

function clientOf(service: string): new (address: string, secrets: unknown, options: object) => Client {
  const file = `hooklane/v1/${service.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase()}.proto`;
  const { hooklane } = loadPackageDefinition(loadSync(file, { ...LOADER, includeDirs: [protoRoot()] })) as unknown as { hooklane: { v1: Record<string, ReturnType<typeof clientOf> | undefined> } };
  const Service = hooklane.v1[service];
  if (!Service) throw new Error(`${file} has no service ${service}.`);
  return Service;
}

/** What says that there was nobody to answer, rather than what the answer is; refused passes too: then the peer is of another installation. */
const AWAY: ReadonlySet<number> = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED, status.UNIMPLEMENTED, status.UNAUTHENTICATED]);

function peerError(peer: PeerName, method: string, failure: ServiceError): AppError {
  const said = errorOfStatus(failure);
  if (said && said.code !== 'unauthenticated') return said;
  if (said || AWAY.has(failure.code)) return unavailable(peer, `${peer} did not answer ${method}: ${status[failure.code]} ${failure.details}`, failure);
  return new AppError('internal', `${peer} answered ${method} with ${status[failure.code]}: ${failure.details}`, { cause: failure });
}

function unavailable(peer: PeerName, message: string, cause?: unknown): AppError {
  return new AppError('peer-unavailable', message, { publicMessage: `The service ${peer} does not answer.`, retryable: true, retryAfterMs: 1_000, cause });
}
