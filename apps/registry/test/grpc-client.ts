import { credentials, loadPackageDefinition, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('./proto/', import.meta.resolve('@hooklane/contracts')));

export interface GrpcAnswer {
  /** google.rpc.Code; 0: OK. */
  readonly code: number;
  /** Reason of the ErrorInfo; empty for OK. */
  readonly reason: string;
  // Specs look into messages freely.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly message: any;
}

export interface GrpcClient {
  call(service: string, method: string, request: object, key: string): Promise<GrpcAnswer>;
  close(): void;
}

/** An ordinary client made from the .proto files alone. */
export function grpcClient(port: number, files: readonly string[]): GrpcClient {
  const definition = loadSync(files.map((file) => `hooklane/v1/${file}.proto`), { keepCase: false, longs: Number, defaults: true, oneofs: false, includeDirs: [root] });
  const { hooklane } = loadPackageDefinition(definition) as unknown as { hooklane: { v1: Record<string, new (address: string, credential: unknown) => Client> } };
  const clients = new Map<string, Client>();
  const clientOf = (service: string): Client => {
    const known = clients.get(service) ?? new hooklane.v1[service]!(`127.0.0.1:${port}`, credentials.createInsecure());
    clients.set(service, known);
    return known;
  };
  return {
    call: (service, method, request, key) =>
      new Promise((resolve) => {
        const metadata = new Metadata();
        if (key !== '') metadata.set('authorization', `Bearer ${key}`);
        const client = clientOf(service) as unknown as Record<string, (request: object, metadata: Metadata, done: (error: ServiceError | null, message: unknown) => void) => void>;
        client[method]!(request, metadata, (error, message) => resolve(error ? { code: error.code, reason: reasonOf(error), message: null } : { code: 0, reason: '', message }));
      }),
    close: () => clients.forEach((client) => client.close()),
  };
}

/** google.rpc.Status travels as bytes; the reason is a short ASCII text in it. */
function reasonOf(error: ServiceError): string {
  const details = error.metadata.get('grpc-status-details-bin')[0];
  const text = Buffer.isBuffer(details) ? details.toString('latin1') : '';
  return /ErrorInfo[^a-z]*([a-z][a-z-]+)/.exec(text)?.[1] ?? '';
}
