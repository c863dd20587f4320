import type { FailureShape } from '@hooklane/service-host';
import { backlogFailure } from '../../dialect-apis/backlog/backlog-failure.js';
import { failureAnswer as icescrumFailure } from '../../dialect-apis/icescrum/icescrum-failure.js';
import { taigaFailures } from '../../dialect-apis/taiga/taiga-failure.js';
import { worksectionFailureShape } from '../worksection/failure-shape.js';

/** How errors look below the prefixes of the dialects' admin APIs; each product adds its own. */
export const dialectFailureShapes: readonly FailureShape[] = [taigaFailures, backlogFailure, { prefixes: ['/ws'], answer: icescrumFailure }, worksectionFailureShape];
