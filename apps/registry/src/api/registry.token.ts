/** Injection token of the `Registry`: what the controllers hand to the use cases. */
export const REGISTRY = Symbol('hooklane registry');

/** Injection token of the `pg` pool for the consumers' hot statements. */
export const REGISTRY_POOL = Symbol('hooklane registry pool');

/** Injection token of the function that makes the read models anew and says from how many events. */
export const REBUILD = Symbol('hooklane registry rebuild');

/** Injection token of the answers, by Idempotency-Key, of what changes no aggregate. */
export const KEPT_ANSWERS = Symbol('hooklane registry kept answers');

/** Injection token of what receiving addresses begin with; empty: what the request says. */
export const PUBLIC_URL = Symbol('hooklane public url');
