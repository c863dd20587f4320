import type { OpenDirectory } from '@hooklane/directory';
import type { OpenTraces } from '@hooklane/telemetry';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { LogTransport } from '../consuming/log-transport.js';
import type { GrpcPeers } from '../peers/grpc-peers.js';
import type { HttpApplication } from '../http/http-adapter.js';
import type { HttpFront } from '../http/http-front.js';
import type { OpenBindings } from './bindings.js';
import type { GrpcEndpoint } from './grpc-server.js';
import type { HealthBook } from './health-book.js';

/** What is open so far; stopping closes whatever there is, in the reverse of the order of the arrows. */
export interface OpenParts {
  readonly health: HealthBook;
  readonly front: HttpFront;
  http?: HttpApplication;
  grpc?: GrpcEndpoint | null;
  app?: NestFastifyApplication;
  consumers?: LogTransport;
  traces?: OpenTraces;
  peers?: GrpcPeers;
  directory?: OpenDirectory;
  bindings?: OpenBindings;
  /** Ends the watch over the database. */
  unwatchDatabase?: () => void;
}
