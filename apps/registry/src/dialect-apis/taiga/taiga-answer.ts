/** What a call of Taiga's API is answered with. */
export interface TaigaAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it is; null: none. */
  readonly body: unknown;
}

/** A list whose items are JSON already. */
export function jsonAnswer(status: number, json: string, headers: Readonly<Record<string, string>> = {}): TaigaAnswer {
  return { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body: json };
}
