/** A hook as another product lists it, in our words. What the list does not say is undefined, and becomes the dialect's default. */
export interface ImportedHook {
  readonly name: string;
  readonly url: string;
  readonly eventTypes?: readonly string[];
  /** Ids or keys; undefined: all. */
  readonly projects?: readonly string[];
  readonly enabled?: boolean;
  readonly secret?: string;
  readonly verifiesTls?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** One entry of a list: a hook, or why it is none. */
export type ImportedEntry = { readonly ok: true; readonly hook: ImportedHook } | { readonly ok: false; readonly reason: string };

/** Reads a product's own list of its webhooks, as its API answers it, parsed. @returns null for what is no such list */
export type HookImporter = (list: unknown) => readonly ImportedEntry[] | null;

export type Fields = Readonly<Record<string, unknown>>;

/** Each object of a list by one function; what is no object is an entry that says so. */
export function entriesOf(list: unknown, read: (fields: Fields) => ImportedHook | string): readonly ImportedEntry[] | null {
  if (!Array.isArray(list)) return null;
  return list.map((item: unknown): ImportedEntry => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return { ok: false, reason: 'Is no object.' };
    const hook = read(item as Fields);
    return typeof hook === 'string' ? { ok: false, reason: hook } : { ok: true, hook };
  });
}

/** Text, or a number as text; empty where it is neither. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}

/** A list, or text with commas, of texts or numbers. */
export function textsOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : textOf(value).split(',');
  return items.map((item) => textOf(item).trim()).filter((text) => text !== '');
}
