import { PRODUCT_OPTIONS, productDefaults } from '../product/product-defaults.js';
import { productDialect } from '../product/product-dialect.js';
import type { Dialect } from '../dialect.js';
import { worksectionCatalogue } from './worksection-catalogue.js';
import { worksectionRequest } from './worksection-event.js';

/** A receiver has 5 seconds (W6). */
const ANSWER_WITHIN_MS = 5_000;
/** W16; the product does not say whether they must follow each other. We count those in a row, `disablePolicy.count: total` is the other reading (dialects design 6.3). */
const ERRORS_UNTIL_DISABLED = 10;

/** Worksection's webhooks (dialects design 5): an array of one event, no signature, Basic auth, and a receiver that must say `{"status":"OK"}`. */
export const worksectionDialect: Dialect = productDialect({
  name: 'worksection',
  // Nothing is sent twice: what a receiver missed it reads from the product.
  defaults: productDefaults({ timeoutMs: ANSWER_WITHIN_MS, failureLimit: ERRORS_UNTIL_DISABLED }),
  options: { ...PRODUCT_OPTIONS, success: { status: '200', body: { field: 'status', equals: 'OK', strictCase: false } } },
  settableOptions: ['serializer', 'success', 'gone', 'countNetworkErrors', 'connectTimeoutMs', 'timeZone'],
  userSecretRules: { allowed: false, required: false, minBytes: 0, maxBytes: 0, prefixes: [] },
  catalogue: worksectionCatalogue,
  // W12 of the form in the product; what an API client registers works at once (dialects design 5.2).
  enabledByDefault: (origin) => origin !== 'console',
  probes: true,
  request: worksectionRequest,
});
