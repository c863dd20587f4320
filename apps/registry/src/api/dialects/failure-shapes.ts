import type { FailureShape } from '@hooklane/service-host';
import { failureAnswer as icescrumFailure } from '../../dialect-apis/icescrum/icescrum-failure.js';

/** How errors look below the prefixes of the dialects' admin APIs; each product adds its own. */
export const dialectFailureShapes: readonly FailureShape[] = [{ prefixes: ['/ws'], answer: icescrumFailure }];
