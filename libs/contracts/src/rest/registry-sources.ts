import { z } from 'zod';
import { eventTypePattern } from './event-ingest.js';
import { line, moment, text } from './text.js';

/** Inbound sources: who may call from outside, and whose events the calls become. Which kind has which settings is for `libs/dialects` to say. */
export const sourceKinds = ['tiki', 'standard-webhooks', 'github', 'stripe', 'taiga', 'icescrum', 'basic', 'token'] as const;
/** What becomes of a call that came before. */
export const replayGuards = ['accept', 'refuse', 'once'] as const;

const headerName = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/, 'Must be the name of a header, of at most 100 characters.');
/** They become attributes of the event, `header.<name>`, whose names have 64 characters. */
const forwardedHeader = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,56}$/, 'Must be 1 to 57 letters, digits, hyphens and underscores.');

const settings = {
  enabled: z.boolean().optional().describe('Default true.'),
  verification: z.enum(['base64 hmac', 'hmac']).nullable().optional().describe('Of tiki: base64, or lower-case hexadecimal. Default `base64 hmac`.'),
  algorithm: z.string().max(32).nullable().optional().describe('Of tiki: a hash algorithm as PHP\'s `hash_hmac_algos()` calls it. Default sha256.'),
  header: headerName.nullable().optional().describe('Of tiki and stripe the header of the signature, such as `Webhook-Signature`; of token that of the token.'),
  query: line(100).nullable().optional().describe('Of token: the query parameter of the token, instead of a header.'),
  basicAuthUser: line(255).refine((user) => !user.includes(':'), 'A user name holds no colon.').nullable().optional().describe('Of basic.'),
  toleranceSeconds: z.int().min(1).max(86_400).nullable().optional().describe('Of standard-webhooks and stripe: how far a timestamp may be from our clock. Default 300.'),
  replays: z.enum(replayGuards).nullable().optional().describe('What becomes of a call with the signature, or the id, of one of the last 24 hours. accept: another event. refuse: 403. once: the answer of the first, and no second event. Default accept.'),
  idHeader: headerName.nullable().optional().describe('Of basic and token, which sign nothing: the header that names a call, for `replays`.'),
  eventType: z.string().regex(eventTypePattern).nullable().optional().describe('Of the events that its calls become. Default `<kind>.webhook.received`.'),
  project: z.string().max(128).regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'Must be printable ASCII without a space at either end.').nullable().optional().describe('Of the events. Default none.'),
  forwardedHeaders: z
    .array(forwardedHeader)
    .max(16)
    .refine((names) => new Set(names.map((name) => name.toLowerCase())).size === names.length, 'Each at most once.')
    .nullable()
    .optional()
    .describe('Headers that the event gets as attributes `header.<name>`, in lower case. The default depends on the kind.'),
};
const secret = text(4_096).refine((value) => value !== '', 'Must not be empty.');

export const SourceCreate = z
  .strictObject({
    kind: z.enum(sourceKinds),
    name: line(200),
    user: line(128).describe('The id of the user whose events its calls become.'),
    secret: secret.describe('As the calling system shows it, or takes it. Never shown again.'),
    ...settings,
  })
  .meta({ id: 'SourceCreate' });
export type SourceCreate = z.infer<typeof SourceCreate>;

/** RFC 7396: absent leaves a field as it is, null gives it back its default. */
export const SourcePatch = z.strictObject({ name: line(200).optional(), user: line(128).optional(), secret: secret.optional(), ...settings }).meta({ id: 'SourcePatch' });
export type SourcePatch = z.infer<typeof SourcePatch>;

export const SourceView = z
  .object({
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    kind: z.enum(sourceKinds),
    enabled: z.boolean(),
    user: z.string(),
    verification: z.string().nullable(),
    algorithm: z.string().nullable(),
    header: z.string().nullable(),
    query: z.string().nullable(),
    basicAuthUser: z.string().nullable(),
    toleranceSeconds: z.int().nullable(),
    replays: z.enum(replayGuards),
    idHeader: z.string().nullable(),
    eventType: z.string(),
    project: z.string().nullable(),
    forwardedHeaders: z.array(z.string()),
    secret: z.string().describe('Masked.'),
    url: z.string().describe('Where the other system sends its calls. All sources of the kind tiki share one address and are tried in the order of their creation; the first that verifies a call gets it.'),
    version: z.int(),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Source' });
export type SourceView = z.infer<typeof SourceView>;
export const SourcePage = z.object({ items: z.array(SourceView), next: z.string().nullable().describe('Cursor of the next page; null: there is none.') }).meta({ id: 'SourcePage' });
