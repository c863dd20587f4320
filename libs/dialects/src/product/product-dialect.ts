import { createHmac } from 'node:crypto';
import type { Dialect, DialectEvent, DialectHeader, DialectHook, DialectSecrets, HookRenderer, Rendered, RenderInput, StoredInput } from '../dialect.js';
import { resolvedOptions, type DialectOptions, type SignatureOptions } from '../options.js';
import { parseJsonText, type JsonStyle, type JsonText } from './json-text.js';

/** What a product's folder says about one event: the body, and the headers that depend on the event. Or why there can be none. */
export type ProductRequest =
  | { readonly ok: true; readonly body: string; readonly headers: readonly DialectHeader[] }
  | { readonly ok: false; readonly reason: string };

export interface ProductRenderInput {
  readonly event: DialectEvent;
  /** The event's data, parsed. */
  readonly data: JsonText;
  readonly hook: DialectHook;
  readonly options: DialectOptions;
  readonly style: JsonStyle;
}

export interface ProductDialect extends Omit<Dialect, 'prepare'> {
  request(input: ProductRenderInput): ProductRequest;
  /** Lower-case names of the headers that `request` sets; absent: it sets none. */
  readonly eventHeaders?: readonly string[];
}

/** A dialect whose requests are a product's: JSON, the product's headers in its own case, an HMAC over the body; nothing of Hooklane's own (dialects design 6.1, 3 and 15). */
export function productDialect(product: ProductDialect): Dialect {
  const { request: _, eventHeaders: __, ...dialect } = product;
  return { ...dialect, prepare: (hook, secrets) => new ProductRenderer(product, hook, secrets) };
}

class ProductRenderer implements HookRenderer {
  readonly secretHeaders: ReadonlySet<string>;
  private readonly options: DialectOptions;
  private readonly style: JsonStyle;
  private readonly fixed: readonly string[];

  constructor(
    private readonly product: ProductDialect,
    private readonly hook: DialectHook,
    private readonly secrets: DialectSecrets,
  ) {
    this.options = resolvedOptions(product, hook.dialectOptions);
    this.style = this.options.serializer === 'python' ? 'python' : 'compact';
    const secretNames = secrets.headers.map(({ name }) => name.toLowerCase());
    const fixed = [...hook.headers, ...secrets.headers].flatMap(({ name, value }) => [name, value]);
    if (secrets.basicAuthUser || secrets.basicAuthPassword) {
      fixed.push('Authorization', `Basic ${Buffer.from(`${secrets.basicAuthUser}:${secrets.basicAuthPassword}`).toString('base64')}`);
      secretNames.push('authorization');
    }
    this.fixed = fixed;
    this.secretHeaders = new Set(secretNames);
  }

  render({ event, timestampMs }: RenderInput): Rendered {
    const data = parseJsonText(event.data);
    if (data === null) return { ok: false, reason: `The event's data is no JSON, which the dialect ${this.product.name} needs.` };
    const made = this.product.request({ event, data, hook: this.hook, options: this.options, style: this.style });
    if (!made.ok) return made;
    const body = this.options.serializer === 'as-published' ? event.data : Buffer.from(made.body, 'utf8');
    return { ok: true, headers: this.headers(made.headers, body, timestampMs), body, bodyIsEventData: body === event.data };
  }

  again({ headers, body, timestampMs }: StoredInput): Rendered {
    const ofEvent = headers.filter(({ name }) => this.product.eventHeaders?.includes(name.toLowerCase()));
    return { ok: true, headers: this.headers(ofEvent, body, timestampMs), body, bodyIsEventData: false };
  }

  private headers(ofEvent: readonly DialectHeader[], body: Buffer, timestampMs: number): string[] {
    const headers = ['Content-Type', 'application/json'];
    for (const { name, value } of ofEvent) headers.push(name, value);
    const secret = this.liveSecret(timestampMs);
    if (secret !== undefined) headers.push(...signatureHeaders(this.options.signature, secret, body));
    headers.push(...this.fixed);
    return headers;
  }

  /** These signatures have room for one secret: the newest that lives. */
  private liveSecret(nowMs: number): string | undefined {
    return this.secrets.signing.findLast(({ expiresAtMs }) => expiresAtMs === 0 || expiresAtMs > nowMs)?.value;
  }
}

function signatureHeaders({ algorithm, encoding, headers }: SignatureOptions, secret: string, body: Buffer): string[] {
  if (algorithm === 'none') return [];
  const digest = createHmac(algorithm, Buffer.from(secret, 'utf8')).update(body).digest(encoding);
  return headers.flatMap(({ name, prefix }) => [name, prefix + digest]);
}
