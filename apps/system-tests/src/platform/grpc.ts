import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { credentials, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Platform } from './platform.js';
import { repositoryRoot } from './repository.js';

const protoRoot = join(repositoryRoot, 'libs', 'contracts', 'proto');

export interface GrpcClient {
  /** A unary call with the platform's admin key (or `key`). Rejects with the gRPC status. */
  call<Response = Record<string, unknown>>(method: string, request: unknown, key?: string): Promise<Response>;
  /** The bare client, for streams. */
  readonly raw: Record<string, (...args: unknown[]) => unknown>;
  readonly metadata: Metadata;
  close(): void;
}

/** A client made from the .proto files alone, as somebody would in another language. */
export function grpcClient(platform: Platform, service: string): GrpcClient {
  const files = readdirSync(join(protoRoot, 'hooklane', 'v1')).filter((file) => file.endsWith('.proto'));
  const definition = loadPackageDefinition(
    loadSync(
      files.map((file) => join('hooklane', 'v1', file)),
      { includeDirs: [protoRoot], keepCase: false, longs: Number, defaults: true, oneofs: true, enums: String },
    ),
  );
  const Client = service.split('.').reduce<unknown>((scope, part) => (scope as Record<string, unknown>)[part], definition) as new (address: string, how: unknown) => GrpcClient['raw'] & { close(): void };
  const client = new Client(platform.grpcAddress(service), credentials.createInsecure());
  const metadataFor = (key: string): Metadata => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${key}`);
    return metadata;
  };
  return {
    raw: client,
    metadata: metadataFor(platform.adminKey),
    call: (method, request, key = platform.adminKey) =>
      new Promise((resolve, reject) => {
        const send = client[method.charAt(0).toLowerCase() + method.slice(1)];
        if (!send) return reject(new Error(`${service} has no ${method}`));
        send.call(client, request, metadataFor(key), (error: ServiceError | null, response: unknown) => (error ? reject(error) : resolve(response as never)));
      }),
    close: () => client.close(),
  };
}
