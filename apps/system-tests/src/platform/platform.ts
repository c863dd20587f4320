import type { FaultProxy, KafkaCluster } from '@hooklane/testkit';

/** A running Hooklane as its users meet it: by address and key. The same specs and benches drive either size of it (promise 8). */
export interface Platform {
  readonly mode: 'embedded' | 'distributed';
  /** REST, without a trailing slash. */
  readonly url: string;
  /** REST of one service, past the reverse proxy; the same as `url` where there is none. */
  urlOf(service: string): string;
  /** host:port of the service that serves this gRPC service name, such as `hooklane.v1.EventService`. */
  grpcAddress(service: string): string;
  readonly adminKey: string;
  /** Of its Postgres, for counters and for specs that look behind the API. */
  databaseUrl(): string;
  /** What it stands on, for specs that take it away. */
  readonly ground: PlatformGround;
  /** Everything that spends CPU for the platform: name and process id. */
  processes(): readonly { readonly name: string; readonly pid: number }[];
  /** Starts one more instance of a service and returns the address of its REST routes. Embedded, where there is one process only, the address of that. */
  another(service: string): Promise<string>;
  /** Kills one of `processes()` with SIGKILL and waits until it is gone. */
  kill(name: string): Promise<void>;
  /** Stops one of `processes()` in order (SIGTERM), as a deploy does, and waits until it is gone. */
  terminate(name: string): Promise<void>;
  /** Starts it again and waits until it is ready. */
  restart(name: string): Promise<void>;
  /** Does a service's job, such as log-query's `rebuild`; what it needs to be stopped was killed before. @returns what it said */
  job(service: string, job: string): Promise<string>;
  /** Ends everything, in order; the data stays unless it lives in a directory made for this run. */
  stop(): Promise<void>;
}

export interface PlatformGround {
  /** Null where there is none, or where `KAFKA_BROKERS` names somebody else's. */
  readonly kafka: KafkaCluster | null;
  /** What stands between the platform and its Postgres; null unless it was started with `proxied`. */
  readonly database: FaultProxy | null;
}
