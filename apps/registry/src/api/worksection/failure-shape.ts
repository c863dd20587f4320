import type { FailureShape } from '@hooklane/service-host';
import { failureAnswer } from '../../dialect-apis/worksection/answers.js';

/** Errors below the product's addresses look like the product's. */
export const worksectionFailureShape: FailureShape = {
  prefixes: ['/api/admin', '/api/oauth2'],
  answer: failureAnswer,
};
