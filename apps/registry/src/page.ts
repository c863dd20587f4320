import { limits } from '@hooklane/contracts';
import { AppError } from '@hooklane/kernel';
import type { PageRequest } from './ports.js';

export interface PageWish {
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

export interface Page<Item> {
  readonly items: Item[];
  /** Null: there is no more. */
  readonly next: string | null;
}

/**
 * A cursor names the last item shown, so what is inserted meanwhile neither repeats nor hides anything.
 * It also names its list and tenant: one of another list or tenant is refused. It holds nothing secret and grants nothing.
 * @throws AppError `invalid-cursor`
 */
export function pageRequest(list: string, tenantId: string, wish: PageWish): PageRequest {
  return { after: wish.cursor === undefined ? null : openCursor(list, tenantId, wish.cursor), limit: wish.limit ?? limits.pageSize };
}

/** @param found what came for `request`: with as many items as were asked for there may be more */
export function pageAnswer<Found extends { readonly id: string }, Item>(list: string, tenantId: string, request: PageRequest, found: readonly Found[], itemOf: (found: Found) => Item): Page<Item> {
  const last = found.length === request.limit ? found.at(-1) : undefined;
  return { items: found.map(itemOf), next: last ? Buffer.from(JSON.stringify([list, tenantId, last.id])).toString('base64url') : null };
}

function openCursor(list: string, tenantId: string, cursor: string): string {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw invalidCursor();
  }
  if (!Array.isArray(parts) || parts.length !== 3 || parts[0] !== list || parts[1] !== tenantId || typeof parts[2] !== 'string' || parts[2].includes('\0')) throw invalidCursor();
  return parts[2];
}

const invalidCursor = (): AppError => new AppError('invalid-cursor', 'The cursor is not one that this list of this tenant gave.');
