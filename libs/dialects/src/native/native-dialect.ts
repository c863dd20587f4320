import { NO_CATALOGUE } from '../catalogue.js';
import type { Dialect, DialectEvent, DialectHook, DialectSecrets, HookRenderer, Rendered, RenderInput, StoredInput } from '../dialect.js';
import { headerValueOf } from '../header-value.js';
import { ANY_2XX, NO_SIGNATURE } from '../options.js';
import { cloudEventsEnvelope, standardEnvelope, type Enveloped } from './envelope.js';
import { signerOf, type WebhookSigner } from './standard-webhooks.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Hooklane's own dialect: the event's bytes, signed by Standard Webhooks 1.0 (design: "Sending"). */
export const nativeDialect: Dialect = {
  name: 'native',
  defaults: {
    timeoutMs: 15 * SECOND_MS,
    envelope: 'none',
    order: 'fifo',
    retry: {
      unavailableDelaysMs: [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS],
      unavailableGiveUpMs: 28 * HOUR_MS,
      rejectedDelaysMs: [5 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS],
      onExhausted: 'skip',
    },
    disablePolicy: { limit: 100, count: 'in-a-row' },
  },
  // Standard Webhooks 1.0 asks for 24 to 64 bytes.
  userSecretRules: { allowed: true, required: false, minBytes: 24, maxBytes: 64, prefixes: ['whsec_', 'whsk_'] },
  options: {
    serializer: 'as-published',
    signature: NO_SIGNATURE,
    success: ANY_2XX,
    // Standard Webhooks 1.0: 410 means that the receiver wants no more.
    gone: 'disable',
    countNetworkErrors: true,
    connectTimeoutMs: 0,
    legacyBracketedEvent: false,
    timeZone: 'UTC',
  },
  settableOptions: ['success', 'gone', 'countNetworkErrors', 'connectTimeoutMs'],
  catalogue: NO_CATALOGUE,
  enabledByDefault: () => true,
  probes: false,
  prepare: (hook, secrets, userAgent) => new NativeRenderer(hook, secrets, userAgent),
};

class NativeRenderer implements HookRenderer {
  readonly secretHeaders: ReadonlySet<string>;
  private readonly signers: readonly { readonly expiresAtMs: number; readonly signer: WebhookSigner }[];
  /** What follows the changing part: the hook's own headers. */
  private readonly fixed: readonly string[];
  private readonly envelope: ((event: DialectEvent) => Enveloped) | null;

  constructor(
    hook: DialectHook,
    secrets: DialectSecrets,
    private readonly userAgent: string,
  ) {
    this.signers = secrets.signing.map(({ value, expiresAtMs }) => ({ expiresAtMs, signer: signerOf(value) }));
    this.envelope = envelopeOf(hook.envelope);
    const fixed: string[] = [];
    for (const { name, value } of [...hook.headers, ...secrets.headers]) fixed.push(name, value);
    const secretNames = secrets.headers.map(({ name }) => name.toLowerCase());
    if (secrets.basicAuthUser || secrets.basicAuthPassword) {
      fixed.push('Authorization', `Basic ${Buffer.from(`${secrets.basicAuthUser}:${secrets.basicAuthPassword}`).toString('base64')}`);
      secretNames.push('authorization');
    }
    this.fixed = fixed;
    this.secretHeaders = new Set(secretNames);
  }

  render({ event, attemptNumber, timestampMs }: RenderInput): Rendered {
    const enveloped = this.envelope ? this.envelope(event) : null;
    const body = enveloped ? enveloped.body : event.data;
    const timestamp = String(Math.floor(timestampMs / SECOND_MS));
    const headers = [
      'Content-Type',
      enveloped ? enveloped.contentType : event.contentType || 'application/octet-stream',
      'User-Agent',
      this.userAgent,
      'webhook-id',
      event.eventId,
      'webhook-timestamp',
      timestamp,
      'Hooklane-Event-Type',
      headerValueOf(event.type),
      'Hooklane-Occurred-At',
      new Date(event.occurredAtMs).toISOString(),
      'Hooklane-Attempt',
      String(attemptNumber),
    ];
    const signature = this.signature(`${event.eventId}.${timestamp}.`, body, timestampMs);
    if (signature) headers.push('webhook-signature', signature);
    if (event.project) headers.push('Hooklane-Project', headerValueOf(event.project));
    if (event.orderingKey) headers.push('Hooklane-Ordering-Key', headerValueOf(event.orderingKey));
    if (event.traceparent) headers.push('traceparent', event.traceparent);
    for (const text of this.fixed) headers.push(text);
    return { ok: true, headers, body, bodyIsEventData: enveloped === null };
  }

  again({ eventId, headers: stored, body, timestampMs }: StoredInput): Rendered {
    const timestamp = String(Math.floor(timestampMs / SECOND_MS));
    const headers = ['Content-Type', stored.find(({ name }) => name.toLowerCase() === 'content-type')?.value ?? 'application/octet-stream', 'User-Agent', this.userAgent, 'webhook-id', eventId, 'webhook-timestamp', timestamp];
    for (const { name, value } of stored) if (name.toLowerCase().startsWith('hooklane-')) headers.push(name, value);
    const signature = this.signature(`${eventId}.${timestamp}.`, body, timestampMs);
    if (signature) headers.push('webhook-signature', signature);
    return { ok: true, headers: [...headers, ...this.fixed], body, bodyIsEventData: false };
  }

  /** Every live secret signs, so that a receiver may change over at any moment of a rotation. */
  private signature(prefix: string, body: Buffer, nowMs: number): string {
    let all = '';
    for (const { expiresAtMs, signer } of this.signers) {
      if (expiresAtMs !== 0 && expiresAtMs <= nowMs) continue;
      const one = signer.sign(prefix, body);
      all = all === '' ? one : `${all} ${one}`;
    }
    return all;
  }
}

function envelopeOf(name: string): ((event: DialectEvent) => Enveloped) | null {
  switch (name) {
    case 'standard':
      return standardEnvelope;
    case 'cloudevents':
      return cloudEventsEnvelope;
    default:
      return null;
  }
}
