import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, Metadata, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface GrpcAnswered {
  readonly answer?: Record<string, unknown>;
  readonly error?: ServiceError;
}

/** A service of the gRPC API as an ordinary client sees it: made from the .proto files alone. */
export interface GrpcService {
  /** A client, for streams; the caller closes it. */
  open(): Client;
  /** One unary call. `key`: an API key. */
  call(method: string, request: object, key: string): Promise<GrpcAnswered>;
}

type Unary = (request: object, metadata: Metadata, done: (error: ServiceError | null, answer: Record<string, unknown>) => void) => void;

const protoRoot = fileURLToPath(new URL('./proto/', import.meta.resolve('@hooklane/contracts')));

/**
 * @param name such as `LogService`, which stands in log_service.proto
 * @param oneofs whether answers name which field of a oneof they have
 */
export function grpcService(port: number, name: string, oneofs = true): GrpcService {
  const file = `hooklane/v1/${name.replace(/(?<=.)[A-Z]/g, '_$&').toLowerCase()}.proto`;
  const definition = loadSync(file, { keepCase: false, longs: Number, defaults: true, oneofs, includeDirs: [protoRoot] });
  const { hooklane } = loadPackageDefinition(definition) as unknown as { hooklane: { v1: Record<string, new (address: string, secrets: unknown) => Client> } };
  const Service = hooklane.v1[name];
  if (Service === undefined) throw new Error(`${file} has no service ${name}`);
  const open = (): Client => new Service(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    open,
    async call(method, request, key) {
      const client = open();
      const send = (client as unknown as Record<string, Unary | undefined>)[method];
      if (send === undefined) throw new Error(`${name} has no ${method}`);
      try {
        return await new Promise((resolve) => send.call(client, request, keyMetadata(key), (error, answer) => resolve(error ? { error } : { answer })));
      } finally {
        client.close();
      }
    },
  };
}

export function keyMetadata(key: string): Metadata {
  const metadata = new Metadata();
  if (key !== '') metadata.set('authorization', `Bearer ${key}`);
  return metadata;
}
