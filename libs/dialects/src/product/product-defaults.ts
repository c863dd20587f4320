import type { DialectDefaults } from '../dialect.js';
import { ANY_2XX, NO_SIGNATURE, type DialectOptions } from '../options.js';

/** What the products' dialects have in common: in order, and one attempt (dialects design 6.3, "Retries in dialects"). */
export function productDefaults({ timeoutMs, failureLimit }: { readonly timeoutMs: number; readonly failureLimit: number }): DialectDefaults {
  return {
    timeoutMs,
    envelope: 'none',
    order: 'fifo',
    retry: { unavailableDelaysMs: [], unavailableGiveUpMs: 0, rejectedDelaysMs: [], onExhausted: 'skip' },
    disablePolicy: { limit: failureLimit, count: 'in-a-row' },
  };
}

/** Of a product that says nothing about them; each dialect writes down what it does otherwise. */
export const PRODUCT_OPTIONS: DialectOptions = {
  serializer: 'compact',
  signature: NO_SIGNATURE,
  success: ANY_2XX,
  gone: 'fail',
  countNetworkErrors: true,
  connectTimeoutMs: 0,
  legacyBracketedEvent: false,
  timeZone: 'UTC',
};
