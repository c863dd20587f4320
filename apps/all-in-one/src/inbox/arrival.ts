/** A request that reached an inbox. */
export interface Arrival {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
