import type { PassHolder } from './peer-pass.js';

/** Services that others call. */
export type PeerName = 'delivery' | 'log-query';

export interface PeerCall {
  readonly peer: PeerName;
  /** Of hooklane.v1, such as `LogService`. */
  readonly service: string;
  /** As in the .proto file, such as `GetAttempt`. */
  readonly method: string;
  /** Its `tenant` is set from `for`. */
  readonly request: object;
  readonly for: PassHolder;
  /** Until then the answer must be there. Default 5 s. */
  readonly timeoutMs?: number;
}

/** Where each peer's gRPC is, as `host:port`; absent: not said. */
export type PeerAddresses = Readonly<Partial<Record<PeerName, string>>>;

/** The other services, over gRPC, in both modes: in one process a service calls its own port. */
export interface Peers {
  /**
   * @returns the answer as its message says; `bytes` are Buffers, 64-bit integers numbers
   * @throws AppError `peer-unavailable` where the peer cannot be reached or does not answer in time; else what the peer threw, with its code and sentence
   */
  call<Answer>(call: PeerCall): Promise<Answer>;
}
