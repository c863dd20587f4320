/** A call from outside, as far as it is verified. */
export interface InboundRequest {
  /** @param name in any case. @returns the value as the connection carried it (one character a byte), several joined by commas */
  header(name: string): string | undefined;
  /** The first value of a query parameter, decoded. */
  query(name: string): string | undefined;
  /** As it came: signatures are over these bytes. */
  readonly body: Uint8Array;
  /** Ours, milliseconds since 1970: timestamps are compared with it. */
  readonly nowMs: number;
}

/** What a source says of how its calls are verified; `SourceState` of the contracts fits. */
export interface InboundSource {
  readonly kind: string;
  readonly verification: string;
  readonly algorithm: string;
  readonly header: string;
  readonly query: string;
  readonly basicAuthUser: string;
  readonly toleranceSeconds: number;
  readonly idHeader: string;
}

/** Why a call is not who it says it is: stable codes. */
export type InboundRefusal =
  | 'signature-missing'
  | 'signature-wrong'
  | 'timestamp-missing'
  | 'timestamp-out-of-tolerance'
  | 'credentials-missing'
  | 'credentials-wrong';

export type InboundVerdict =
  /** `callKey`: what the sender signed or named, which a replayed call has again; null where the kind signs nothing and the source names no header for it. */
  | { readonly ok: true; readonly callKey: string | null }
  | { readonly ok: false; readonly reason: InboundRefusal };

/** Holds a secret: never log it. Never throws, whatever is sent. */
export interface InboundVerifier {
  verify(request: InboundRequest): InboundVerdict;
}

export const refused = (reason: InboundRefusal): InboundVerdict => ({ ok: false, reason });
export const verified = (callKey: string | null): InboundVerdict => ({ ok: true, callKey });
