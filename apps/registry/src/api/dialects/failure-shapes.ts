import type { FailureShape } from '@hooklane/service-host';
import { backlogFailure } from '../../dialect-apis/backlog/backlog-failure.js';

/** How errors look below the prefixes of the dialects' admin APIs; each product adds its own. */
export const dialectFailureShapes: readonly FailureShape[] = [
  backlogFailure,
];
