import type { Clock, IdSource, RandomSource } from '@hooklane/kernel';
import type { EventLogConnection } from '@hooklane/event-log';
import type { Database, MigrationSet } from '@hooklane/postgres';
import type { SecretBox } from '@hooklane/secret-box';
import type { Logger, Metrics } from '@hooklane/telemetry';
import type { z } from 'zod';
import type { PeerAddresses } from '../peers/peers.js';
import type { Environment } from './environment.config.js';
import type { Health, ServiceJob, TargetPolicySettings } from '../service-module.js';

/** What a process stands on: where its log and its database come from. A mode is one of these. */
export interface Bindings<Config = unknown> {
  readonly mode: 'embedded' | 'distributed';
  /** Interface to listen on unless HOOKLANE_HOST says otherwise. */
  readonly host: string;
  readonly config: z.ZodObject & z.ZodType<Config>;
  /** Jobs that the same image runs, by their first argument: `main.js migrate`. */
  readonly commands?: Readonly<Record<string, (context: CommandContext) => Promise<void>>>;
  /** Does a service's own job. Goes with `commands`. */
  runJob?(context: CommandContext, job: ServiceJob): Promise<void>;
  /** Waits for what is away, for ever, saying so through `health`; rejects only for what no waiting mends. */
  open(context: BindingsContext<Config>): Promise<OpenBindings>;
}

export interface CommandContext {
  /** What follows the command's name. */
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly migrations: readonly MigrationSet[];
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

export interface BindingsContext<Config> {
  readonly config: Config;
  readonly processName: string;
  readonly instanceId: string;
  readonly migrations: readonly MigrationSet[];
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: RandomSource;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Aborted when the process is told to stop while it still waits for something. */
  readonly stopping: AbortSignal;
  /** Something without which the process must not go on, such as the lock on its data. */
  fatal(error: Error): void;
}

export interface OpenBindings {
  readonly log: EventLogConnection;
  readonly database: Database;
  readonly secretBox: SecretBox;
  readonly targets: Pick<TargetPolicySettings, 'allowLoopback'>;
  /** Where the other services' gRPC is; `here`: they are all in this process. */
  readonly peers: PeerAddresses | 'here';
  /** After the log is closed: the pools, and whatever was started for them. */
  closeStores(): Promise<void>;
}
