import { z } from 'zod';
import { line } from './text.js';

const signature = z
  .strictObject({
    algorithm: z.enum(['none', 'sha1', 'sha256', 'sha512']),
    encoding: z.enum(['hex', 'base64']),
    headers: z.array(z.strictObject({ name: line(256), prefix: line(64, 0) })).max(5).readonly().describe('Each gets its prefix and the same digest.'),
  })
  .describe('An HMAC over the exact bytes of the body.');

const success = z.strictObject({
  status: z.enum(['2xx', 'below-400', '200']),
  body: z
    .strictObject({ field: line(128), equals: line(256, 0), strictCase: z.boolean().describe('Whether upper and lower case differ.') })
    .nullable()
    .describe('The answer must be JSON with this text in this member; null: whatever it says.'),
});

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const options = {
  serializer: z.enum(['as-published', 'compact', 'python']).describe('as-published: the publisher\'s bytes. compact: JSON without spaces. python: spaced as json.dumps does.'),
  signature,
  success,
  gone: z.enum(['fail', 'disable', 'delete']).describe('What 410 Gone does to the hook beyond being a failure.'),
  countNetworkErrors: z.boolean().describe('Whether an attempt without an HTTP answer counts towards the failure limit.'),
  connectTimeoutMs: z.int().min(0).max(60_000).describe('Within it the connection must stand; 0: no limit of its own.'),
  legacyBracketedEvent: z.boolean().describe('iceScrum: the event code as [story.create].'),
  timeZone: line(64).refine(isTimeZone, 'Is no time zone of the IANA database.').describe('Where a dialect writes local times.'),
};

/** A merge patch over what a hook's dialect does: absent leaves, null gives the dialect's own back. Which of them a dialect lets one choose: GET /v1/dialects. */
export const HookDialectOptionsPatch = z
  .strictObject({
    serializer: options.serializer.nullable(),
    signature: signature.partial().nullable(),
    success: z.strictObject({ status: success.shape.status, body: success.shape.body.unwrap().partial().nullable().describe('null: whatever it says.') }).partial().nullable(),
    gone: options.gone.nullable(),
    countNetworkErrors: options.countNetworkErrors.nullable(),
    connectTimeoutMs: options.connectTimeoutMs.nullable(),
    legacyBracketedEvent: options.legacyBracketedEvent.nullable(),
    timeZone: options.timeZone.nullable(),
  })
  .partial()
  .meta({ id: 'HookDialectOptionsPatch' });
export type HookDialectOptionsPatch = z.infer<typeof HookDialectOptionsPatch>;

/** What a hook does, of the options that its dialect lets one choose. */
export const HookDialectOptions = z.object(options).partial().meta({ id: 'HookDialectOptions' });
export type HookDialectOptions = z.infer<typeof HookDialectOptions>;
