/** An answer, as far as it decides about success. */
export interface DialectResponse {
  readonly status: number;
  /** Lower-case name to value; the first one where a header came twice. */
  header(name: string): string | undefined;
  /** The part of the body that was kept (limits of the contracts). */
  readonly body: Buffer;
}
