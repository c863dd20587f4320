import type { Arrival } from './arrival.js';
import { verify, type VerifyResult } from './verify.js';

export interface InboxMessage {
  readonly receivedAt: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As text; what is behind `BODY_SHOWN_BYTES` is cut. */
  readonly body: string;
  readonly bodyBytes: number;
  readonly answeredStatus: number;
  /** null: no secret is known for this inbox. */
  readonly signatureVerified: boolean | null;
  readonly signature: string;
}

export interface InboxBehaviour {
  /** What the inbox answers with. */
  readonly status: number;
  /** How long it takes to answer, in milliseconds. */
  readonly delayMs: number;
  /** How many further calls get `status` before 200 returns; null: all. */
  readonly times: number | null;
}

interface Inbox {
  secrets: readonly string[];
  behaviour: InboxBehaviour;
  total: number;
  /** Newest first. */
  messages: InboxMessage[];
}

const INBOXES = 100;
const MESSAGES = 100;
const BODY_SHOWN_BYTES = 16 * 1024;
const FRIENDLY: InboxBehaviour = { status: 200, delayMs: 0, times: null };

/** What arrived at each inbox. Kept in memory: a look at a delivery, not a store. The inbox used longest ago gives way to a new one. */
export class InboxStore {
  private readonly inboxes = new Map<string, Inbox>();

  /** @param hookSecrets secrets of the hooks that point at an inbox, besides those it was told */
  constructor(private readonly hookSecrets: (inbox: string) => readonly string[]) {}

  settle(name: string, change: { readonly secrets?: readonly string[]; readonly behaviour?: InboxBehaviour }): void {
    const inbox = this.open(name);
    if (change.secrets) inbox.secrets = change.secrets;
    if (change.behaviour) inbox.behaviour = change.behaviour;
  }

  /** @returns how to answer. */
  receive(name: string, arrival: Arrival, now: Date): { readonly status: number; readonly delayMs: number } {
    const inbox = this.open(name);
    const { status, delayMs, times } = inbox.behaviour;
    if (times !== null) inbox.behaviour = times <= 1 ? FRIENDLY : { status, delayMs, times: times - 1 };
    const result = verify(arrival, [...inbox.secrets, ...this.hookSecrets(name)]);
    inbox.total += 1;
    inbox.messages = [messageOf(arrival, result, status, now), ...inbox.messages].slice(0, MESSAGES);
    return { status, delayMs };
  }

  show(name: string, limit: number): { readonly name: string; readonly total: number; readonly behaviour: InboxBehaviour; readonly messages: readonly InboxMessage[] } {
    const inbox = this.inboxes.get(name);
    return { name, total: inbox?.total ?? 0, behaviour: inbox?.behaviour ?? FRIENDLY, messages: inbox?.messages.slice(0, limit) ?? [] };
  }

  clear(name: string): void {
    this.inboxes.delete(name);
  }

  private open(name: string): Inbox {
    const inbox = this.inboxes.get(name) ?? { secrets: [], behaviour: FRIENDLY, total: 0, messages: [] };
    // Set again, so that the first of the map is the one used longest ago.
    this.inboxes.delete(name);
    this.inboxes.set(name, inbox);
    const [oldest] = this.inboxes.keys();
    if (this.inboxes.size > INBOXES && oldest !== undefined) this.inboxes.delete(oldest);
    return inbox;
  }
}

function messageOf({ method, headers, body }: Arrival, { verified, sentence }: VerifyResult, answeredStatus: number, now: Date): InboxMessage {
  return {
    receivedAt: now.toISOString(),
    method,
    headers,
    body: body.subarray(0, BODY_SHOWN_BYTES).toString('utf8'),
    bodyBytes: body.length,
    answeredStatus,
    signatureVerified: verified,
    signature: sentence,
  };
}
