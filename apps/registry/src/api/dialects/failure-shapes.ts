import type { FailureShape } from '@hooklane/service-host';

/** How errors look below the prefixes of the dialects' admin APIs; each product adds its own. */
export const dialectFailureShapes: readonly FailureShape[] = [];
