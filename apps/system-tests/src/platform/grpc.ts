import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { credentials, loadPackageDefinition, Metadata, type ClientDuplexStream, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition, type PackageDefinition } from '@grpc/proto-loader';
import type { Platform } from './platform.js';
import { repositoryRoot } from './repository.js';

const protoRoot = join(repositoryRoot, 'libs', 'contracts', 'proto');

export interface GrpcClient {
  /** A unary call with the platform's admin key (or `key`) and more metadata. Rejects with the gRPC status. */
  call<Response = Record<string, unknown>>(method: string, request: unknown, key?: string, more?: Readonly<Record<string, string>>): Promise<Response>;
  /** Opens a stream, writes `request` where it may, and takes what comes first: a response that fits (by default any), or the rejection with the status. */
  firstOfStream(method: string, request: unknown, key?: string, fits?: (response: unknown) => boolean): Promise<unknown>;
  /** Writes all requests into a stream, ends it, and takes all responses. */
  exchange(method: string, requests: readonly unknown[]): Promise<unknown[]>;
  close(): void;
}

/** A client made from the .proto files alone, as somebody would in another language. */
export function grpcClient(platform: Platform, service: string): GrpcClient {
  const definition = loadPackageDefinition(packageDefinition());
  const Client = service.split('.').reduce<unknown>((scope, part) => (scope as Record<string, unknown>)[part], definition) as new (address: string, how: unknown) => Record<string, (...args: unknown[]) => unknown> & { close(): void };
  const client = new Client(platform.grpcAddress(service), credentials.createInsecure());
  const metadataFor = (key: string, more: Readonly<Record<string, string>> = {}): Metadata => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${key}`);
    for (const [name, value] of Object.entries(more)) metadata.set(name, value);
    return metadata;
  };
  return {
    call: (method, request, key = platform.adminKey, more = {}) =>
      new Promise((resolve, reject) => {
        const send = client[method.charAt(0).toLowerCase() + method.slice(1)];
        if (!send) return reject(new Error(`${service} has no ${method}`));
        send.call(client, request, metadataFor(key, more), (error: ServiceError | null, response: unknown) => (error ? reject(error) : resolve(response as never)));
      }),
    firstOfStream: (method, request, key = platform.adminKey, fits = () => true) =>
      new Promise((resolve, reject) => {
        const open = client[method.charAt(0).toLowerCase() + method.slice(1)] as (...args: unknown[]) => ClientReadableStream<unknown> | ClientDuplexStream<unknown, unknown>;
        const duplex = streamsRequests(service, method);
        const stream = duplex ? open.call(client, metadataFor(key)) : open.call(client, request, metadataFor(key));
        if (duplex) (stream as ClientDuplexStream<unknown, unknown>).write(request);
        // A cancelled stream ends with an error of its own, which nobody needs any more.
        stream.on('error', reject);
        stream.on('data', (response: unknown) => {
          if (!fits(response)) return;
          resolve(response);
          stream.cancel();
        });
      }),
    exchange: (method, requests) =>
      new Promise((resolve, reject) => {
        const open = client[method.charAt(0).toLowerCase() + method.slice(1)] as (...args: unknown[]) => ClientDuplexStream<unknown, unknown>;
        const stream = open.call(client, metadataFor(platform.adminKey));
        const responses: unknown[] = [];
        stream.on('data', (response: unknown) => responses.push(response));
        stream.on('error', reject);
        stream.on('end', () => resolve(responses));
        for (const request of requests) stream.write(request);
        stream.end();
      }),
    close: () => client.close(),
  };
}

export interface GrpcMethod {
  readonly title: string;
  /** With its package. */
  readonly service: string;
  readonly method: string;
  readonly streams: boolean;
}

/** Every method of the .proto files of the API. */
export function grpcMethods(): GrpcMethod[] {
  return Object.entries(packageDefinition()).flatMap(([service, definition]) =>
    // Messages have a format; services are tables of methods.
    'format' in definition ? [] : Object.entries(definition as Record<string, MethodDefinition<object, object>>).map(([method, { requestStream, responseStream }]) => ({
      title: `${service.split('.').at(-1)}.${method}`, service, method, streams: requestStream || responseStream,
    })),
  );
}

function streamsRequests(service: string, method: string): boolean {
  return (packageDefinition()[service] as Record<string, MethodDefinition<object, object>>)[method]?.requestStream === true;
}

let loaded: PackageDefinition | undefined;

function packageDefinition(): PackageDefinition {
  const files = readdirSync(join(protoRoot, 'hooklane', 'v1')).filter((file) => file.endsWith('.proto'));
  loaded ??= loadSync(
    files.map((file) => join('hooklane', 'v1', file)),
    { includeDirs: [protoRoot], keepCase: false, longs: Number, defaults: true, oneofs: true, enums: String },
  );
  return loaded;
}
