/** Who a sample says has done it, and where; the person who presses the test button, where there is one. */
export interface SampleContext {
  readonly atMs: number;
  readonly by: { readonly id: number; readonly userName: string; readonly fullName: string; readonly email: string };
  readonly project: { readonly id: number; readonly key: string; readonly name: string };
  /** Address of the product that links in samples point to, without a slash at its end. */
  readonly baseUrl: string;
}

/** One kind of event that the product knows. */
export interface CatalogueEntry {
  /** The event type under which it is published (dialects design, first table). */
  readonly type: string;
  /** Other event types that mean the same (Backlog: the number of `issue.commented`). */
  readonly aliases: readonly string[];
  /** For a person. */
  readonly title: string;
  /** What it is about, for lists: `story`, `wiki`, … */
  readonly group: string;
  /** Event data as a publisher would hand it in: JSON text. */
  sample(context: SampleContext): string;
}

export interface EventCatalogue {
  readonly entries: readonly CatalogueEntry[];
  /** Names that stand for several types when a hook is made (I10 "Story events"); lower case with hyphens. */
  readonly presets: Readonly<Record<string, readonly string[]>>;
  /** What becomes of a subscription to a type that is not in it. */
  readonly unknownTypes: 'accept' | 'drop' | 'refuse';
  /** What the product's test button sends where nobody chose; a type of the catalogue, or one that only tests have. */
  readonly testEntry: CatalogueEntry | null;
  /**
   * The patterns that fan-out matches for a hook that asked for these types: with their aliases, and with what else the dialect sends to whoever asked for them
   * (iceScrum: a subscriber of X.update gets X.state). Patterns (`*`, `prefix.*`) stay.
   */
  matched(eventTypes: readonly string[]): readonly string[];
}

/** Of a dialect that says nothing about types. */
export const NO_CATALOGUE: EventCatalogue = { entries: [], presets: {}, unknownTypes: 'accept', testEntry: null, matched: (eventTypes) => eventTypes };

/** Entry of a type or of one of its aliases. */
export function catalogueEntry(catalogue: EventCatalogue, type: string): CatalogueEntry | undefined {
  return catalogue.entries.find((entry) => entry.type === type || entry.aliases.includes(type)) ?? (catalogue.testEntry?.type === type ? catalogue.testEntry : undefined);
}
