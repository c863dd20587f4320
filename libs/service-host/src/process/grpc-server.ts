import { logVerbosity, setLogVerbosity, type Server as GrpcServer } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { Transport, type GrpcOptions } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';
import { fileURLToPath } from 'node:url';
import { limits } from '@hooklane/contracts';
import type { HealthBook } from './health-book.js';
import { addReflection } from './lazy-reflection.js';
import { tooLargeCalls } from './too-large-calls.js';

const PACKAGE = 'hooklane.v1';
const MAX_METADATA_BYTES = 16 * 1024;
/** A batch of events and what protobuf adds to it. */
const MAX_MESSAGE_BYTES = limits.batchBytes + 1024 * 1024;

export interface GrpcEndpoint {
  readonly options: GrpcOptions;
  /** Known once it listens. */
  port(): number;
  /** Takes no new calls and waits for those there are; streams that go on are cut at `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
}

/** How messages look in JavaScript, to servers and to clients of ours. */
export const LOADER = { keepCase: false, longs: Number, defaults: true, oneofs: true } as const;

/** The options of Nest's gRPC transport for the services in `protos`, with reflection and grpc.health.v1 beside them. */
export function grpcEndpoint(protos: readonly string[], host: string, port: number, health: HealthBook): GrpcEndpoint {
  let server: GrpcServer | null = null;
  const root = protoRoot();
  // It writes lines of its own to stderr; what fails is reported to us as well.
  setLogVerbosity(logVerbosity.NONE);
  return {
    port: () => boundPort(server) ?? port,
    drain: (timeoutMs) => drain(server, timeoutMs),
    options: {
      transport: Transport.GRPC,
      options: {
        package: [PACKAGE],
        protoPath: [...new Set(protos)].map((file) => `${root}${file}`),
        url: `${host.includes(':') ? `[${host}]` : host}:${port}`,
        maxReceiveMessageLength: MAX_MESSAGE_BYTES,
        maxSendMessageLength: MAX_MESSAGE_BYTES,
        maxMetadataSize: MAX_METADATA_BYTES,
        // Handed to the server as it is; the type knows options of channels only.
        channelOptions: { interceptors: [tooLargeCalls] } as object,
        gracefulShutdown: false,
        loader: { ...LOADER, includeDirs: [root] },
        onLoadPackageDefinition: (definition: PackageDefinition, opened: GrpcServer) => {
          server = opened;
          addReflection(opened, definition);
          // The whole process by the empty name, as the protocol has it, and each service by its own: it is as ready as its process.
          const names = ['', ...servicesIn(definition)];
          const status = new HealthImplementation(Object.fromEntries(names.map((name) => [name, 'NOT_SERVING' as const])));
          status.addToServer(opened);
          health.onChange((ready) => names.forEach((name) => status.setStatus(name, ready ? 'SERVING' : 'NOT_SERVING')));
        },
      },
    },
  };
}

/** Full names. Messages and enums have a format; services are tables of methods. */
function servicesIn(definition: PackageDefinition): string[] {
  return Object.entries(definition).flatMap(([name, type]) => ('format' in type ? [] : [name]));
}

/** Where the contracts ship their .proto files. */
export function protoRoot(): string {
  return fileURLToPath(new URL('./proto/', import.meta.resolve('@hooklane/contracts')));
}

/** grpc-js keeps the ports it bound to itself, by address; the value is what we need only when the system chose the port. */
function boundPort(server: GrpcServer | null): number | undefined {
  const bound = (server as unknown as { boundPorts?: Map<string, { portNumber: number }> } | null)?.boundPorts;
  return bound ? [...bound.values()][0]?.portNumber : undefined;
}

function drain(server: GrpcServer | null, timeoutMs: number): Promise<void> {
  if (!server) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, timeoutMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
