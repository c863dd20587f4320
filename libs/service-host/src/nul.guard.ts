import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { AppError } from '@hooklane/kernel';
import { invalidRequest } from './invalid-request.js';

/**
 * No name or filter of ours holds U+0000, and Postgres takes none in a text: what addresses a thing with it addresses nothing.
 * Bodies, the messages within messages and those of client streams are left to their schemas, so that one bad event does not refuse a batch.
 */
export class NulGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() === 'http') assertAddress(context.getArgByIndex<{ readonly url: string }>(0).url);
    else assertMessage(context.getArgByIndex<unknown>(0));
    return true;
  }
}

function assertAddress(url: string): void {
  const at = url.indexOf('%00');
  if (at < 0) return;
  const query = url.indexOf('?');
  if (query < 0 || at < query) throw new AppError('not-found', 'There is no such thing.');
  const names = new Set(url.slice(query + 1).split('&').filter((pair) => pair.includes('%00')).map((pair) => pair.split('=', 1)[0] ?? ''));
  throw invalidRequest([...names].map((name) => ({ path: [name], message: PROBLEM })), 'query');
}

const PROBLEM = 'Must not hold U+0000.';

function assertMessage(message: unknown): void {
  if (typeof message !== 'object' || message === null) return;
  const holding = Object.entries(message).filter(([, value]) => hasNul(value) || (Array.isArray(value) && value.some(hasNul)));
  if (holding.length > 0) throw invalidRequest(holding.map(([name]) => ({ path: [name], message: PROBLEM })));
}

function hasNul(value: unknown): boolean {
  return typeof value === 'string' && value.includes('\0');
}
