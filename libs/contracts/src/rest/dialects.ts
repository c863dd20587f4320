import { z } from 'zod';
import { HookDialectOptions } from './dialect-options.js';

export const DialectView = z
  .object({
    name: z.string(),
    options: HookDialectOptions.describe('What its hooks do where they choose nothing else.'),
    settableOptions: z.array(z.string()).describe('Which of them a hook may choose (`dialectOptions`).'),
    secret: z.object({ allowed: z.boolean(), required: z.boolean(), minBytes: z.int(), maxBytes: z.int() }).describe('Of the secret that a person brings.'),
    defaults: z.object({
      timeoutMs: z.int(),
      order: z.string(),
      retry: z.object({ unavailableDelaysMs: z.array(z.int()), unavailableGiveUpMs: z.int(), rejectedDelaysMs: z.array(z.int()), onExhausted: z.string() }),
      disablePolicy: z.object({ limit: z.int(), count: z.string() }),
    }),
    enabledByDefault: z.object({ console: z.boolean(), api: z.boolean() }).describe('Whether a hook made there begins enabled where nobody says.'),
    unknownEventTypes: z.enum(['accept', 'drop', 'refuse']).describe('What becomes of a subscription to a type that is not in its catalogue.'),
    probes: z.boolean().describe('Whether the receiver must answer a sample well before a hook is made enabled, or is enabled.'),
  })
  .meta({ id: 'Dialect' });
export type DialectView = z.infer<typeof DialectView>;

export const DialectList = z.object({ items: z.array(DialectView) }).meta({ id: 'DialectList' });
export type DialectList = z.infer<typeof DialectList>;

export const DialectEventTypes = z
  .object({
    items: z.array(
      z.object({
        type: z.string(),
        aliases: z.array(z.string()).describe('Other names for the same.'),
        title: z.string(),
        group: z.string(),
        sample: z.string().describe('Data as a publisher would hand it in: JSON text, numbers spelled as the product spells them.'),
      }),
    ),
    presets: z.array(z.object({ name: z.string(), eventTypes: z.array(z.string()) })).describe('Names that stand for several types when a hook is made.'),
    testType: z.string().nullable().describe('What a test sends where nobody chose; null: the first type of the hook.'),
  })
  .meta({ id: 'DialectEventTypes' });
export type DialectEventTypes = z.infer<typeof DialectEventTypes>;
