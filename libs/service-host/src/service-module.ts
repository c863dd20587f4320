import type { DynamicModule } from '@nestjs/common';
import type { Clock, IdSource, RandomSource } from '@hooklane/kernel';
import type { Directory, Principal } from '@hooklane/directory';
import type { EventLog } from '@hooklane/event-log';
import type { Database, MigrationSet } from '@hooklane/postgres';
import type { SecretBox } from '@hooklane/secret-box';
import type { Logger, Metrics, Traces } from '@hooklane/telemetry';
import type { z } from 'zod';
import type { FailureShape } from './problem/failure-shape.js';
import type { Peers } from './peers/peers.js';
import type { ProcessLoad } from './process/process-load.js';

export type ServiceName = 'registry' | 'event-ingest' | 'fanout' | 'delivery' | 'log-query' | 'inbox' | 'control';

/** A service: what `apps/<name>/src/<name>.module.ts` exports, as its only export. A process runs any number of them (`runService`). */
export interface ServiceModule<Config = unknown> {
  readonly name: ServiceName;
  /** Every key is an environment variable; every field is described with its unit and has a default or is required. */
  readonly config: z.ZodObject & z.ZodType<Config>;
  /** Null for a service that stores nothing. */
  readonly migrations: MigrationSet | null;
  /** Most of what it does goes on while Postgres is away, so that its process stays ready then. */
  readonly worksWithoutDatabase?: boolean;
  /** .proto files (relative to the contracts' proto root) and packages it serves; empty for none. */
  readonly grpc: readonly string[];
  /** Where errors do not look like ours. */
  readonly failureShapes?: readonly FailureShape[];
  /** What is done once, instead of running: `main.js <name>`. The process that does it runs none of the services. */
  readonly jobs?: Readonly<Record<string, ServiceJob>>;
  /** Called once per process, after the bindings are open. Must not read the environment or open clients of its own. */
  register(context: ServiceContext<Config>): DynamicModule;
}

/** @returns a sentence that says what was done. @throws AppError for what keeps it from being done */
export type ServiceJob = (database: Database) => Promise<string>;

/** Everything a service is given. In one process all services get the same log, database, directory and clock. */
export interface ServiceContext<Config = unknown> {
  readonly config: Config;
  readonly log: EventLog;
  readonly database: Database;
  readonly directory: Directory;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Spans of traces that a publisher began and sampled; absent where no collector is configured. */
  readonly traces?: Traces;
  readonly health: Health;
  /** What waits in this process, over all of its services. */
  readonly load: ProcessLoad;
  readonly peers: Peers;
  /** Who has an API key, as the guard would say it; for what does not come as a bearer. @throws AppError `unauthenticated` */
  authenticate(apiKey: string): Principal | Promise<Principal>;
  readonly targets: TargetPolicySettings;
  /** Names this process among its like: leases, ingest incarnations. New at every start. */
  readonly instanceId: string;
  readonly version: string;
}

/** The operator's part of the target guard. */
export interface TargetPolicySettings {
  /** Embedded mode sets it, and says so in its banner. */
  readonly allowLoopback: boolean;
  /** CIDR ranges and host names (`*.svc.cluster.local`) that hooks may reach although they are denied by default. */
  readonly allowedTargets: readonly string[];
}

/** Health per worker; /readyz names the first that is not ready. */
export interface Health {
  /** @param name what the worker does, such as `delivery lanes`; starts as not ready. */
  worker(name: string): WorkerHealth;
}

export interface WorkerHealth {
  ready(): void;
  notReady(reason: string): void;
}
