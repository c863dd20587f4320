/** A page of one of Taiga's lists, and what its clients are told about it (dialects design 1.2: 30 a page, at most 1,000). */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly headers: Readonly<Record<string, string>>;
}

export interface ListWish {
  /** `page` and `page_size` of the query, as they came. */
  readonly page: unknown;
  readonly pageSize: unknown;
  /** The client sent `x-disable-pagination`. */
  readonly isWhole: boolean;
  /** The client sent `x-lazy-pagination`: it wants no count. */
  readonly isLazy: boolean;
  /** The address that was asked, absolute: the next page is it with another `page`. */
  readonly url: string;
}

const PAGE_SIZE = 30;
const PAGE_SIZE_MAX = 1_000;

/** @returns null for a page that there is not: 404, as Taiga says it */
export function listPage<Item>(all: readonly Item[], { page, pageSize, isWhole, isLazy, url }: ListWish): ListPage<Item> | null {
  if (isWhole) return { items: all, headers: {} };
  const size = sizeOf(pageSize);
  const pages = Math.max(1, Math.ceil(all.length / size));
  const number = page === undefined || page === '' ? 1 : page === 'last' ? pages : wholeNumber(page);
  if (number === null || number < 1 || number > pages) return null;
  const headers: Record<string, string> = { 'x-paginated': 'true', 'x-paginated-by': String(size), 'x-pagination-current': String(number) };
  if (!isLazy) headers['x-pagination-count'] = String(all.length);
  if (number < pages) headers['x-pagination-next'] = withPage(url, number + 1);
  if (number > 1) headers['x-pagination-prev'] = withPage(url, number - 1);
  return { items: all.slice((number - 1) * size, number * size), headers };
}

/** Anything that is no size is as if it were not there. */
function sizeOf(given: unknown): number {
  const size = wholeNumber(given);
  return size === null || size < 1 ? PAGE_SIZE : Math.min(size, PAGE_SIZE_MAX);
}

function wholeNumber(given: unknown): number | null {
  return typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : null;
}

function withPage(url: string, page: number): string {
  const address = new URL(url);
  address.searchParams.set('page', String(page));
  return address.toString();
}

/** By name, and of one name the newest first, as Taiga lists webhooks. */
export function inTaigasOrder<Hook extends { readonly id: number; readonly name: string }>(hooks: readonly Hook[]): Hook[] {
  return [...hooks].sort((a, b) => (a.name === b.name ? b.id - a.id : a.name < b.name ? -1 : 1));
}
