import { catalogueEntry, type CatalogueEntry, type EventCatalogue, type SampleContext } from './catalogue.js';

/** An event as a publisher would hand it in, made up. */
export interface SampleOfDialect {
  readonly type: string;
  /** JSON text. */
  readonly data: string;
}

export interface SampleWish {
  /** Undefined: what the product's test button sends, or else the first type that the hook is subscribed to (W10, design 6.3). */
  readonly type: string | undefined;
  /** Of the hook; may hold patterns. */
  readonly eventTypes: readonly string[];
}

/** What to try a receiver out with. @returns null where the dialect has no sample for it */
export function sampleOfDialect(catalogue: EventCatalogue, { type, eventTypes }: SampleWish, context: SampleContext): SampleOfDialect | null {
  const entry = type === undefined ? (catalogue.testEntry ?? firstSubscribed(catalogue, eventTypes)) : catalogueEntry(catalogue, type);
  return entry ? { type: type ?? entry.type, data: entry.sample(context) } : null;
}

/** A person as far as they are known. */
export type SampleAuthor = Partial<SampleContext['by']>;

/**
 * Who a sample says has done it, and where.
 * @param actor what histories call the caller: stands for what is not known of the person
 */
export function sampleContextOf(actor: string, project: string, atMs: number, { id = 1, userName, fullName, email = 'sample@hooklane.example' }: SampleAuthor = {}): SampleContext {
  return {
    atMs,
    by: { id, userName: userName ?? fullName ?? actor, fullName: fullName ?? userName ?? actor, email },
    project: { id: 1, key: project || 'SAMPLE', name: project || 'Sample' },
    baseUrl: 'https://hooklane.example',
  };
}

function firstSubscribed({ entries }: EventCatalogue, eventTypes: readonly string[]): CatalogueEntry | undefined {
  for (const pattern of eventTypes) {
    const found = pattern.endsWith('.*') ? entries.find(({ type }) => type.startsWith(pattern.slice(0, -1))) : entries.find(({ type, aliases }) => type === pattern || aliases.includes(pattern));
    if (found) return found;
  }
  return entries[0];
}
