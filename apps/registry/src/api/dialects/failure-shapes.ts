import type { FailureShape } from '@hooklane/service-host';
import { worksectionFailureShape } from '../worksection/failure-shape.js';

/** How errors look below the prefixes of the dialects' admin APIs; each product adds its own. */
export const dialectFailureShapes: readonly FailureShape[] = [worksectionFailureShape];
