import { z } from 'zod';
import { HookDialectOptions, HookDialectOptionsPatch } from './dialect-options.js';
import { isStorable, line, moment, text } from './text.js';

const DAY_MS = 86_400_000;
const MAX_DELAY_MS = 7 * DAY_MS;

const delays = z.array(z.int().min(100).max(MAX_DELAY_MS)).max(50);

const retry = z
  .strictObject({
    unavailableDelaysMs: delays.nullable().optional().describe('Delay before attempt 2, 3, … while the receiver is unavailable; the last one repeats. Empty: there is no other attempt.'),
    unavailableGiveUpMs: z.int().min(0).max(30 * DAY_MS).nullable().optional().describe('Give a delivery up when its first attempt is older than this.'),
    rejectedDelaysMs: z.array(z.int().min(100).max(MAX_DELAY_MS)).max(50).nullable().optional().describe('Delay before attempt 2, 3, … of a delivery that the receiver rejects; after the last one it is exhausted.'),
    onExhausted: z.enum(['skip', 'hold']).nullable().optional(),
  })
  .meta({ id: 'HookRetry' });

const disablePolicy = z
  .strictObject({
    limit: z.int().min(0).max(100_000).nullable().optional().describe('Failing attempts until the hook is disabled; 0: never.'),
    count: z.enum(['in-a-row', 'total']).nullable().optional(),
  })
  .meta({ id: 'HookDisablePolicy' });

export const orders = ['fifo', 'fifo-per-key', 'none'] as const;
/** Requests in flight at once where a hook with the order `none` does not say. */
export const DEFAULT_CONCURRENCY = 8;

const rateLimit = z
  .strictObject({ perSecond: z.number().min(0.01).max(10_000).nullable().describe('Requests a second; null: no limit.') })
  .meta({ id: 'HookRateLimit' });

const catchUp = z.enum(['none', 'missed']);

/** An object with at most `max` members; the values of a merge patch may be null. */
const mapOf = <Value extends z.ZodType>(keyLength: number, value: Value, max: number) =>
  z.record(line(keyLength), value).refine((map) => Object.keys(map).length <= max, `At most ${max} members.`);

const basicAuth = z.strictObject({ user: line(255, 0).refine((user) => !user.includes(':'), 'A user name holds no colon.'), password: line(1_024, 0) });

const pem = text(64 * 1024);
const tls = z
  .strictObject({
    verify: z.boolean().nullable().optional().describe('Check the receiver\'s certificate; default true.'),
    ca: pem.nullable().optional().describe('PEM of the authorities to trust instead of the usual ones.'),
    clientCertificate: pem.nullable().optional().describe('PEM of the certificate that we show.'),
    clientKey: pem.nullable().optional().describe('PEM of its private key. Never shown again.'),
  })
  .meta({ id: 'HookTls' });

/** Everything of a hook but its name and address, which have no default. Null means: the default. */
const settings = {
  enabled: z.boolean().optional(),
  eventTypes: z.array(z.string().min(1).max(258)).min(1).max(200).nullable().optional().describe('Exact names, `prefix.*`, or `*` for all; default all. Of a product\'s dialect also its presets (GET /v1/dialects/{name}/event-types).'),
  projects: z.array(line(128)).max(200).nullable().optional().describe('Ids or keys of projects; none: every event.'),
  filter: z.record(z.string(), z.unknown()).refine(isStorable, 'Must not hold U+0000.').nullable().optional().describe('Conditions over `data` and `attributes`: `{"data":{"amount":{"$gt":10}}}`. docs/filters.md has the operators and the limits.'),
  order: z.enum(orders).nullable().optional().describe('fifo: an event is sent when every earlier one has its fate. fifo-per-key: the same among events with the same ordering key. none: as they come. Default fifo.'),
  concurrency: z.int().min(1).max(64).nullable().optional().describe('Requests in flight at once; only with the order none. Default 8.'),
  rateLimit: rateLimit.nullable().optional().describe('Requests are spread evenly, never sent in bursts. Default: no limit.'),
  retry: retry.nullable().optional(),
  timeoutMs: z.int().min(100).max(60_000).nullable().optional().describe('For a whole attempt: connect, headers and body.'),
  envelope: z.enum(['none', 'standard', 'cloudevents']).nullable().optional(),
  disablePolicy: disablePolicy.nullable().optional(),
  catchUp: catchUp.nullable().optional().describe('What enabling the hook does about the events that it missed while it was disabled, unless the request says otherwise. none: nothing. missed: they are sent, in order, before newer ones. Default none.'),
  headers: mapOf(256, z.string().max(4_096).nullable(), 50).nullable().optional().describe('Sent with every request. Those that carry credentials by their name are kept sealed.'),
  secretHeaders: mapOf(256, z.string().max(4_096).nullable(), 50).nullable().optional().describe('Like `headers`, but their values are kept sealed and never shown.'),
  tls: tls.nullable().optional(),
  metadata: mapOf(64, text(1_024).nullable(), 50).nullable().optional().describe('Yours; we only keep it.'),
  dialectOptions: HookDialectOptionsPatch.nullable().optional(),
};

type GivenHeaders = Readonly<Record<string, unknown>> | null | undefined;

/** Names of headers are the same in any case (RFC 9110, 5.1), and one of them is sent once. A name that is removed here may be given there. */
function eachHeaderOnce({ headers, secretHeaders }: { readonly headers?: GivenHeaders; readonly secretHeaders?: GivenHeaders }, context: z.RefinementCtx): void {
  const seen = new Map<string, string>();
  for (const [field, given] of Object.entries({ headers, secretHeaders })) {
    for (const [name, value] of Object.entries(given ?? {})) {
      if (value === null) continue;
      const first = seen.get(name.toLowerCase());
      if (first !== undefined) context.addIssue({ code: 'custom', path: [field, name], message: `Is the same header as ${first}.` });
      seen.set(name.toLowerCase(), `/${field}/${name}`);
    }
  }
}

/** Keys that sign: `v1` HMAC-SHA256 (`whsec_`), `v1a` Ed25519 (`whsk_`, verified with `whpk_`). */
const signatures = z.array(z.enum(['v1', 'v1a'])).min(1).max(2).refine((list) => new Set(list).size === list.length, 'Each at most once.');

const secret = text(4_096);

export const HookCreate = z
  .strictObject({
    name: line(200),
    url: z.string().min(1).max(2_048),
    dialect: z.string().max(32).optional().describe('Default native.'),
    ...settings,
    basicAuth: basicAuth.nullable().optional(),
    signatures: signatures.optional().describe('Default `["v1"]`.'),
    secret: secret.optional().describe('A signing secret of your own. native: `whsec_…`; default: we make one. Products\' dialects: the one that the receiver has, where the dialect signs; default: none.'),
  })
  .superRefine(eachHeaderOnce)
  .meta({ id: 'HookCreate' });
export type HookCreate = z.infer<typeof HookCreate>;

/** RFC 7396: absent leaves a field as it is, null sets it to its default, objects are merged. */
export const HookPatch = z
  .strictObject({
    name: line(200).optional(),
    url: z.string().min(1).max(2_048).optional(),
    ...settings,
    basicAuth: basicAuth.partial().nullable().optional(),
    secret: secret.nullable().optional().describe('Of a hook that speaks a product\'s dialect: takes the place of the present one at once; null: none. A native hook\'s are rotated.'),
  })
  .superRefine(eachHeaderOnce)
  .meta({ id: 'HookPatch' });
export type HookPatch = z.infer<typeof HookPatch>;

export const HookRotate = z
  .strictObject({
    overlapHours: z.number().min(0).max(168).optional().describe('How long the present secrets go on signing beside the new ones; native: default 24. Products\' dialects have room for one secret: 0.'),
    signatures: signatures.optional().describe('Default: the kinds that the hook has.'),
    secret: secret.optional().describe('A signing secret of your own. native: `whsec_…`; default: we make one. Products\' dialects: required.'),
  })
  .meta({ id: 'HookRotate' });
export type HookRotate = z.infer<typeof HookRotate>;

export const HookEnable = z
  .strictObject({ reason: line(500).optional(), catchUp: catchUp.optional().describe('missed: what the hook missed while it was disabled is sent, in order, before newer events. none: it is not. Default: what the hook says.') })
  .meta({ id: 'HookEnable' });
export type HookEnable = z.infer<typeof HookEnable>;

export const HookDisable = z.strictObject({ reason: line(500).optional() }).meta({ id: 'HookDisable' });
export type HookDisable = z.infer<typeof HookDisable>;

/** The configuration of a hook as it is shown: secrets masked. */
const hookConfiguration = {
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  url: z.string().describe('Values of its query are masked.'),
  enabled: z.boolean(),
  disabledReason: z.string().nullable(),
  dialect: z.string(),
  eventTypes: z.array(z.string()),
  projects: z.array(z.string()),
  filter: z.record(z.string(), z.unknown()).nullable(),
  order: z.enum(orders),
  concurrency: z.int().nullable().describe('Null with another order than none.'),
  rateLimit: z.object({ perSecond: z.number() }).nullable(),
  retry: z.object({ unavailableDelaysMs: z.array(z.number()), unavailableGiveUpMs: z.number(), rejectedDelaysMs: z.array(z.number()), onExhausted: z.string() }),
  timeoutMs: z.number(),
  envelope: z.string(),
  disablePolicy: z.object({ limit: z.number(), count: z.string() }),
  catchUp,
  headers: z.record(z.string(), z.string()),
  secretHeaders: z.record(z.string(), z.string()),
  basicAuth: z.object({ user: z.string(), password: z.string() }).nullable(),
  tls: z.object({ verify: z.boolean(), ca: z.string().nullable(), clientCertificate: z.string().nullable(), clientKey: z.string().nullable() }),
  metadata: z.record(z.string(), z.string()),
  dialectOptions: HookDialectOptions.describe('Those that the dialect lets one choose, as they are in effect.'),
  secrets: z.array(z.object({ id: z.string(), kind: z.enum(['v1', 'v1a', 'hmac']).describe('hmac: of a product\'s dialect.'), publicKey: z.string().nullable(), createdAt: moment, expiresAt: moment.nullable() })),
  origin: z.string().describe('Where it was made: console, api, or the dialect API\'s name.'),
  version: z.int(),
  createdAt: moment,
  updatedAt: moment,
};

export const HookSnapshot = z.object(hookConfiguration).meta({ id: 'HookSnapshot' });
export type HookSnapshot = z.infer<typeof HookSnapshot>;

export const HookView = z
  .object({
    ...hookConfiguration,
    colour: z.enum(['green', 'orange', 'gray']).describe('gray: disabled; green: no failure since the last success; orange: failing.'),
    failureCount: z.int(),
    lastError: z.object({ at: moment, code: z.string(), message: z.string(), status: z.int().nullable() }).nullable(),
    lastSuccessAt: moment.nullable(),
    warnings: z.array(z.object({ code: z.enum(['insecure-url']), message: z.string() })).describe('What works, and is a risk. insecure-url: events go over the network in clear.'),
  })
  .meta({ id: 'Hook' });
export type HookView = z.infer<typeof HookView>;

export const HookCreated = HookView.extend({ secret: z.string().nullable().describe('Of a native hook, shown this once; of others null.'), publicKey: z.string().nullable() }).meta({ id: 'HookWithSecret' });
export type HookCreated = z.infer<typeof HookCreated>;

export const HookPage = z.object({ items: z.array(HookView), next: z.string().nullable() }).meta({ id: 'HookPage' });

export const HistoryEntry = z
  .object({
    version: z.int(),
    type: z.string(),
    at: moment,
    actor: z.string(),
    reason: z.string(),
    requestId: z.string(),
    difference: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
  })
  .meta({ id: 'HistoryEntry' });
export type HistoryEntry = z.infer<typeof HistoryEntry>;
export const HistoryPage = z.object({ items: z.array(HistoryEntry), next: z.string().nullable() }).meta({ id: 'HistoryPage' });
